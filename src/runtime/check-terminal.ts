import { RuntimeError } from "../base/errors.ts";
import type { Process } from "../config/types.gen.ts";

/** Who detaches leaves nobody to hold the terminal, unless a socket takes it. The texts are what callers know. */
export function checkTerminal(
  process: Process | undefined,
  consoleSocket: string | undefined,
  isForeground: boolean,
): void {
  const wanted = process?.terminal === true;
  if (wanted && !isForeground && consoleSocket === undefined) {
    throw new RuntimeError("ERR_USAGE", "cannot allocate tty if runc will detach without setting console socket", {
      pointer: "/process/terminal",
      fix: "add --console-socket, or set process.terminal to false",
    });
  }
  if (consoleSocket !== undefined && (isForeground || !wanted)) {
    throw new RuntimeError("ERR_USAGE", "cannot use console socket if runc will not detach or allocate tty", {
      flag: "--console-socket",
      fix: wanted ? "add --detach" : "set process.terminal to true",
    });
  }
}
