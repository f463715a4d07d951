import { RuntimeError } from "../base/errors.ts";
import { ConfigError, formatProblem } from "../base/problem.ts";
import { parsePart } from "../config/parse-part.ts";
import type { Config, Process } from "../config/types.gen.ts";
import { validateProcess } from "../config/validate-process.ts";

/**
 * Checks the text of a process's own file by the rules of the config that it is to be a part of. Throws RuntimeError
 * ERR_CONFIG_SYNTAX, and ConfigError with all problems and pointers into the file.
 */
export function checkProcessText(text: string, path: string, config: Config, warn: (message: string) => void): Process {
  const { process, warnings } = naming(path, () => {
    const { value, warnings } = parsePart(text, "process");
    const { process, warnings: others } = validateProcess(value, config);
    return { process, warnings: [...warnings, ...others] };
  });
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
