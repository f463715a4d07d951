import { parseDuration } from "../../../base/parse-duration.ts";
import { parseInteger } from "../../base/parse-size.ts";
import type { ImageHealthcheck } from "../../image/image.ts";
import type { ContainerFlags } from "./container-flags.ts";
import { usage } from "./usage.ts";

/** How a container is checked: what the flags say, and of the image what they do not. Pure. Throws EngineError. */
export function healthcheckOf(
  flags: ContainerFlags,
  image: ImageHealthcheck | undefined,
): ImageHealthcheck | undefined {
  const asked = askedFor(flags);
  const isAsked = Object.keys(asked).length > 0;
  if (!flags["no-healthcheck"]) return isAsked ? { ...image, ...asked } : image;
  if (isAsked) throw usage("--no-healthcheck conflicts with --health-* options", "--no-healthcheck");
  return { Test: ["NONE"] };
}

function askedFor(flags: ContainerFlags): ImageHealthcheck {
  const command = flags["health-cmd"] ?? "";
  return {
    ...(command !== "" && { Test: ["CMD-SHELL", command] }),
    ...timeOf(flags, "health-interval", "Interval"),
    ...timeOf(flags, "health-timeout", "Timeout"),
    ...timeOf(flags, "health-start-period", "StartPeriod"),
    ...timeOf(flags, "health-start-interval", "StartInterval"),
    ...retriesOf(flags["health-retries"]),
  };
}

type TimeFlag = "health-interval" | "health-timeout" | "health-start-period" | "health-start-interval";

/** Nanoseconds; 0 is the usual time. */
function timeOf(flags: ContainerFlags, flag: TimeFlag, member: string): Readonly<Record<string, number>> {
  const text = flags[flag];
  if (text === undefined) return {};
  const milliseconds = parseDuration(text.replace(/^-/, ""));
  if (milliseconds === undefined)
    throw usage(`invalid argument "${text}" for "--${flag}" flag: time: invalid duration "${text}"`, `--${flag}`);
  if (milliseconds > 0 && text.startsWith("-")) throw usage(`--${flag} cannot be negative`, `--${flag}`);
  if (milliseconds > 0 && milliseconds < 1)
    throw usage(`${member} in Healthcheck cannot be less than 1ms`, `--${flag}`);
  return milliseconds === 0 ? {} : { [member]: Math.round(milliseconds * 1e6) };
}

function retriesOf(text: string | undefined): Pick<ImageHealthcheck, "Retries"> {
  if (text === undefined) return {};
  const Retries = parseInteger(text, "--health-retries");
  if (Retries < 0) throw usage("--health-retries cannot be negative", "--health-retries");
  return Retries === 0 ? {} : { Retries };
}
