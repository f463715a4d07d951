import { parseInteger, splitPair } from "../../base/parse-size.ts";
import type { ImageRunConfig } from "../../image/image.ts";
import type { ContainerConfig } from "../container-config.ts";
import type { ContainerFlags } from "./container-flags.ts";
import { healthcheckOf } from "./healthcheck.ts";
import { pairs } from "./pairs.ts";
import { parseExposed } from "./ports.ts";
import { usage } from "./usage.ts";

export interface RequestInput {
  readonly flags: ContainerFlags;
  /** As it was written: an image, or a directory for --rootfs. */
  readonly image: string;
  readonly command: readonly string[];
  readonly imageConfig: ImageRunConfig;
  readonly isDetached: boolean;
  readonly id: string;
  /** Lines of the files that --env-file and --label-file name. */
  readonly envLines: readonly string[];
  readonly labelLines: readonly string[];
  readonly env: (name: string) => string | undefined;
}

/** What runs: the image's config, and over it what the flags say. Pure. Throws EngineError that names the flag. */
export function containerConfigOf(input: RequestInput): ContainerConfig {
  const { flags, image, imageConfig, isDetached, id } = input;
  const healthcheck = healthcheckOf(flags, imageConfig.Healthcheck);
  const exposed = { ...imageConfig.ExposedPorts, ...keysOf(parseExposed(flags.expose)) };
  return {
    Hostname: flags.hostname || (flags.uts === "host" ? "" : id.slice(0, 12)),
    Domainname: flags.domainname ?? "",
    User: flags.user ?? imageConfig.User ?? "",
    AttachStdin: !isDetached && flags.interactive,
    AttachStdout: !isDetached,
    AttachStderr: !isDetached,
    ...(Object.keys(exposed).length > 0 && { ExposedPorts: keysOf(Object.keys(exposed)) }),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && !isDetached,
    Env: environmentOf(input),
    ...programOf(input),
    Image: image,
    ...(imageConfig.Volumes !== undefined && { Volumes: keysOf(Object.keys(imageConfig.Volumes)) }),
    WorkingDir: flags.workdir ?? imageConfig.WorkingDir ?? "",
    Labels: { ...imageConfig.Labels, ...pairs(input.labelLines, "--label-file"), ...pairs(flags.label, "--label") },
    ...(healthcheck !== undefined && { Healthcheck: healthcheck }),
    ...(imageConfig.Shell !== undefined && { Shell: imageConfig.Shell }),
    ...stoppingOf(flags, imageConfig),
    ...timeoutOf(flags),
  };
}

function keysOf(names: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

/** An entrypoint of the caller's own leaves the image's command out: that was meant for the image's entrypoint. */
function programOf({ flags, command, imageConfig }: RequestInput): Pick<ContainerConfig, "Entrypoint" | "Cmd"> {
  if (flags.entrypoint !== undefined) {
    return { Entrypoint: flags.entrypoint === "" ? [] : [flags.entrypoint], Cmd: command };
  }
  const entrypoint = imageConfig.Entrypoint ?? [];
  return { Entrypoint: entrypoint, Cmd: command.length > 0 ? command : (imageConfig.Cmd ?? []) };
}

/** Later ones replace earlier ones of the same name. */
function environmentOf({ imageConfig, envLines, flags, env }: RequestInput): readonly string[] {
  const variables = new Map<string, string | undefined>();
  for (const entry of imageConfig.Env ?? []) variables.set(...splitPair(entry));
  for (const entry of [...envLines, ...flags.env]) {
    const [name, value] = splitPair(entry);
    if (name === "" || /\s/.test(name)) throw usage(`invalid environment variable: ${entry}`, "--env");
    const copied = value ?? env(name);
    // A name that the caller has no variable of takes the image's away.
    if (copied === undefined) variables.delete(name);
    else variables.set(name, copied);
  }
  return [...variables].map(([name, value]) => `${name}=${value ?? ""}`);
}

function stoppingOf(
  flags: ContainerFlags,
  imageConfig: ImageRunConfig,
): Pick<ContainerConfig, "StopSignal" | "StopTimeout"> {
  const signal = flags["stop-signal"] ?? imageConfig.StopSignal;
  const timeout = flags["stop-timeout"] ?? imageConfig.StopTimeout;
  return {
    ...(signal !== undefined && signal !== "" && { StopSignal: signal }),
    ...(timeout !== undefined && { StopTimeout: Number(timeout) }),
  };
}

/** 0 stands for no limit. */
function timeoutOf({ timeout }: ContainerFlags): Pick<ContainerConfig, "Timeout"> {
  const seconds = timeout === undefined ? 0 : parseInteger(timeout, "--timeout");
  if (seconds < 0 || seconds > MAX_SECONDS)
    throw usage(`invalid argument "${timeout}" for "--timeout" flag: it must be 0 to ${MAX_SECONDS}`, "--timeout");
  return seconds === 0 ? {} : { Timeout: seconds };
}

/** As podman has it. */
const MAX_SECONDS = 2 ** 32 - 1;

/** The lines of an env or label file: without comments and empty ones. */
export function fileLines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/\r$/, "").replace(/^\s+/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
}
