import { SYSCALL_NAMES, SYSCALL_NUMBERS } from "./syscalls.gen.ts";

/** A column of the system call table: the ABIs that share their numbers share it. */
export type SyscallTable = keyof typeof SYSCALL_NUMBERS;

let rows: ReadonlyMap<string, number> | undefined;

/** The row of every system call's name, on whatever architecture it exists; made on first use. */
export function syscallRows(): ReadonlyMap<string, number> {
  if (rows === undefined) {
    const map = new Map<string, number>();
    for (const name of SYSCALL_NAMES.split(" ")) map.set(name, map.size);
    rows = map;
  }
  return rows;
}

/** The numbers of one table by row, in decimal; an empty string where the table lacks the call. */
export function syscallNumbers(table: SyscallTable): readonly string[] {
  return SYSCALL_NUMBERS[table].split(",");
}
