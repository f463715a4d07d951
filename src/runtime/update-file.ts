import { RuntimeError } from "../base/errors.ts";
import type { JsonPointer } from "../base/json-pointer.ts";
import { ConfigError, formatProblem, type Problem } from "../base/problem.ts";
import { parsePart } from "../config/parse-part.ts";
import type { Config, Resources } from "../config/types.gen.ts";
import { checkConfig } from "../config/validate-config.ts";
import { readFdText } from "../sys/descriptors.ts";
import { readTextIfExists } from "../sys/files.ts";

const MAX_RESOURCES_BYTES = 16 << 20;
const STDIN = 0;

/** Where linux.resources are in a config; pointers into a file with nothing else begin behind it. */
export const RESOURCES: JsonPointer = "/linux/resources";

/** Reads what `--resources` names: a file with the value of linux.resources, or the standard input for "-". */
export function readResources(path: string, warn: (message: string) => void): unknown {
  const name = path === "-" ? "the standard input" : `"${path}"`;
  const text = path === "-" ? readFdText(STDIN, MAX_RESOURCES_BYTES) : readTextIfExists(path, MAX_RESOURCES_BYTES);
  if (text === undefined) {
    throw new RuntimeError("ERR_USAGE", `Cannot read the resources from ${name}: it does not exist`, {
      flag: "--resources",
    });
  }
  try {
    const { value, warnings } = parsePart(text, "resources");
    for (const warning of warnings) warn(formatProblem(warning));
    return value;
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const message = error.message.replace("the config", `the resources in ${name}`);
    throw new RuntimeError(error.code, message, { flag: "--resources", cause: error.cause });
  }
}

/**
 * Checks resources by the rules of the config that they are to change. Throws ConfigError with all problems. Source:
 * config-linux.md#control-groups.
 */
export function validateResources(value: unknown, config: Config, warn: (message: string) => void): Resources {
  const { errors, warnings } = checkConfig({ ...config, linux: { ...config.linux, resources: value } });
  const own = errors.filter(isAboutResources).filter(({ code }) => !KNOWN_LATER.includes(code));
  if (own.length > 0) throw new ConfigError("Cannot use the resources", own);
  for (const warning of warnings.filter(isAboutResources)) warn(formatProblem(warning));
  return value as Resources; // the schema has just accepted it in that place
}

function isAboutResources({ pointer }: Problem): boolean {
  return pointer === RESOURCES || pointer.startsWith(`${RESOURCES}/`);
}

/** What the container has already decides, and compileUpdate says it then. */
const KNOWN_LATER: readonly string[] = ["MEMORY_SWAP_WITHOUT_LIMIT"];
