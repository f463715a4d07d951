import { RuntimeError } from "../base/errors.ts";
import type { Process } from "../config/types.gen.ts";

/** Where the process is asked to have a terminal: in its config, or by the flag of `exec`. */
export type TerminalPlace = { readonly pointer: "/process/terminal" } | { readonly flag: "--tty" };

/**
 * Who detaches leaves nobody to hold the terminal, unless a socket takes it. The texts are what callers know. Throws
 * RuntimeError ERR_USAGE.
 */
export function checkTerminal(
  process: Process | undefined,
  consoleSocket: string | undefined,
  isForeground: boolean,
  place: TerminalPlace,
): void {
  const wanted = process?.terminal === true;
  if (wanted && !isForeground && consoleSocket === undefined) {
    throw new RuntimeError("ERR_USAGE", "cannot allocate tty if runc will detach without setting console socket", {
      ...place,
      fix: `add --console-socket, or ${"flag" in place ? `leave out ${place.flag}` : "set process.terminal to false"}`,
    });
  }
  if (consoleSocket !== undefined && (isForeground || !wanted)) {
    const ask = "flag" in place ? `add ${place.flag}` : "set process.terminal to true";
    throw new RuntimeError("ERR_USAGE", "cannot use console socket if runc will not detach or allocate tty", {
      flag: "--console-socket",
      fix: wanted ? "add --detach" : ask,
    });
  }
}
