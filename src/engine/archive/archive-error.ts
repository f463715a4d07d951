import { EngineError } from "../base/errors.ts";

/** An archive is damaged, hostile, or holds what cannot be extracted. */
export function archiveError(message: string, fix?: string): EngineError {
  return new EngineError(message, { code: "ERR_ARCHIVE", ...(fix === undefined ? {} : { fix }) });
}
