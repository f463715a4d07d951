import type { Host } from "../../cli/host.ts";

/** The size of the terminal that this process is on, for a container's own; undefined where there is none. */
export function consoleSize(
  host: Pick<Host, "isTerminal">,
  isWanted: boolean,
): { readonly height: number; readonly width: number } | undefined {
  if (!isWanted || !host.isTerminal(1)) return undefined;
  const stream = new (process.getBuiltinModule("node:tty").WriteStream)(1);
  const [width, height] = stream.getWindowSize();
  return width > 0 && height > 0 ? { height, width } : undefined;
}
