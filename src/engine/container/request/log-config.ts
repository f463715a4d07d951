import type { HostConfig } from "../container-config.ts";
import type { ContainerFlags } from "./container-flags.ts";
import { pairs } from "./pairs.ts";
import { usage } from "./usage.ts";

const FLAG = "--log-opt";
const OPTIONS: readonly string[] = [
  ...["max-size", "max-file", "compress", "tag"],
  ...["labels", "labels-regex", "env", "env-regex"],
];

/** How the output is kept. Pure. Throws EngineError. Source: docker's json-file log driver. */
export function parseLogConfig(flags: Pick<ContainerFlags, "log-opt" | "log-driver">): HostConfig["LogConfig"] {
  const options = pairs(flags["log-opt"], FLAG);
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw usage(`unknown log opt '${unknown}' for json-file log driver`, FLAG);
  const driver = flags["log-driver"] ?? "json-file";
  if (driver === "none" && Object.keys(options).length > 0) throw usage("invalid logging opts for driver none", FLAG);
  checkCompress(options.compress);
  for (const name of ["labels-regex", "env-regex"]) checkPattern(options[name] ?? "");
  return { Type: driver, Config: options };
}

/** The monitor rotates logs, and has no library that could compress them. */
function checkCompress(value: string | undefined): void {
  if (value === undefined || value === "false") return;
  const why = value === "true" ? "rotated logs are not compressed; max-size and max-file bound them" : "true or false";
  throw usage(`invalid value for log opt 'compress': ${value}: ${why}`, FLAG);
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw usage(`invalid log opt: "${pattern}" is no regular expression`, FLAG);
  }
}
