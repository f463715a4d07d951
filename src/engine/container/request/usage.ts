import { EngineError, EXIT_STATUS } from "../../base/errors.ts";

/** A flag with a value that cannot be. */
export function usage(message: string, flag: string): EngineError {
  return new EngineError(message, { code: "ERR_USAGE", flag, exitStatus: EXIT_STATUS.engine });
}
