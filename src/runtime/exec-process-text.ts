import { RuntimeError } from "../base/errors.ts";
import { readTextIfExists } from "../sys/files.ts";

const MAX_PROCESS_BYTES = 16 << 20;

/** Reads the file of a process. Throws RuntimeError ERR_USAGE where there is none, and SystemError. */
export function readProcessText(path: string): string {
  const text = readTextIfExists(path, MAX_PROCESS_BYTES);
  if (text !== undefined) return text;
  throw new RuntimeError("ERR_USAGE", `Cannot read the process from "${path}": it does not exist`, {
    flag: "--process",
  });
}
