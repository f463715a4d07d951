import { RuntimeError } from "../base/errors.ts";
import { ConfigError, formatProblem } from "../base/problem.ts";
import { parseConfig } from "../config/parse-config.ts";
import type { Config, Process } from "../config/types.gen.ts";
import { validateProcess } from "../config/validate-process.ts";
import { readTextIfExists } from "../sys/files.ts";

const MAX_PROCESS_BYTES = 16 << 20;

/**
 * Reads a process from a file of its own, and checks it by the rules of the config that it is to be a part of. Throws
 * RuntimeError ERR_USAGE, ERR_CONFIG_SYNTAX, and ConfigError with all problems and pointers into the file.
 */
export function readProcessFile(path: string, config: Config, warn: (message: string) => void): Process {
  const text = readTextIfExists(path, MAX_PROCESS_BYTES);
  if (text === undefined) {
    throw new RuntimeError("ERR_USAGE", `Cannot read the process from "${path}": it does not exist`, {
      flag: "--process",
    });
  }
  const { process, warnings } = naming(path, () => validateProcess(parseConfig(text), config));
  for (const warning of warnings) warn(`${path}: ${formatProblem(warning)}`);
  return process;
}

/** Says in an error which file it is about. */
function naming<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const details = { ...error.details, flag: "--process", cause: error.cause };
    const message = error.message.replace(/the (config|process)/, `the process in "${path}"`);
    if (error instanceof ConfigError) throw new ConfigError(message, error.problems, details);
    throw new RuntimeError(error.code, message, details);
  }
}
