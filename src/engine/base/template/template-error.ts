import { EngineError } from "../errors.ts";

/** A template cannot be understood or used. */
export function templateError(why: string): EngineError {
  return new EngineError(`template parsing error: ${why}`, {
    code: "ERR_USAGE",
    flag: "--format",
    fix: 'write it as a Go template, such as "{{.ID}} {{json .Labels}}"',
  });
}
