import { readFd } from "../../sys/descriptors.ts";
import type { EngineSurroundings } from "./act.ts";

/** Asks on the terminal whether to go on; without an answer that begins with "y", not. */
export function confirm({ print }: Pick<EngineSurroundings, "print">, warning: string): boolean {
  print(`${warning}\nAre you sure you want to continue? [y/N] `);
  return /^\s*y(es)?\s*$/i.test(readFd(0, 4096));
}
