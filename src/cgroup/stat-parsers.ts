import type { Integer } from "./decimal.ts";

/** The greatest uint64: how "no limit" is told to programs that read numbers. */
export const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

/** A number as the kernel prints it: exact, "max" as the greatest uint64, and 0 for a file that does not exist. */
export function statNumber(text: string | undefined): Integer {
  const word = text?.trim() ?? "";
  if (word === "max") return UINT64_MAX;
  if (!/^-?\d+$/.test(word)) return 0;
  const number = Number(word);
  return Number.isSafeInteger(number) ? number : BigInt(word);
}

/** Lines of a name and a number, such as memory.stat and cpu.stat. */
export function keyNumbers(text: string | undefined): Readonly<Record<string, Integer>> {
  const numbers: Record<string, Integer> = {};
  for (const line of linesOf(text)) {
    const [key, value] = line.split(" ");
    if (key !== undefined && value !== undefined) numbers[key] = statNumber(value);
  }
  return numbers;
}

/** Numbers between spaces, such as cpuacct.usage_percpu. */
export function numberList(text: string | undefined): readonly Integer[] {
  return (text ?? "")
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(statNumber);
}

/** A list of processors or nodes such as "0-2,7". Source: cpuset(7), "List format". */
export function rangeList(text: string | undefined): readonly number[] {
  const list: number[] = [];
  for (const range of (text ?? "").trim().split(",")) {
    const [first = "", last = first] = range.split("-");
    if (first === "") continue;
    for (let number = Number(first); number <= Number(last); number++) list.push(number);
  }
  return list;
}

/** One line of a v1 blkio file, such as "8:0 Read 1024". */
export interface BlkioEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: Integer;
}

/** The devices' lines of a v1 blkio file; the total at the end is not one. Source: cgroup-v1/blkio-controller.rst. */
export function blkioEntries(text: string): readonly BlkioEntry[] {
  return linesOf(text).flatMap((line) => {
    const match = /^(\d+):(\d+) (?:(\w+) )?(\d+)$/.exec(line);
    if (match === null) return [];
    const [, major, minor, op = "", value] = match;
    return [{ major: Number(major), minor: Number(minor), op, value: statNumber(value) }];
  });
}

/** Shares of time, in percent, that some or all tasks were stalled, and the stalled time in microseconds. */
export interface Pressure {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: Integer;
}

export interface PressureStats {
  readonly some: Pressure;
  readonly full: Pressure;
}

/** A pressure file; undefined where the kernel has none. Source: the kernel's Documentation/accounting/psi.rst. */
export function pressureStats(text: string | undefined): PressureStats | undefined {
  if (text === undefined) return undefined;
  const lines = linesOf(text);
  return { some: pressureOf(lines, "some"), full: pressureOf(lines, "full") };
}

function pressureOf(lines: readonly string[], kind: string): Pressure {
  const line = lines.find((candidate) => candidate.startsWith(`${kind} `)) ?? "";
  const values = Object.fromEntries(line.split(" ").map((pair) => pair.split("=")));
  const average = (key: string) => Number(values[key] ?? 0);
  return {
    avg10: average("avg10"),
    avg60: average("avg60"),
    avg300: average("avg300"),
    total: statNumber(values.total),
  };
}

/** The lines of a file, without the empty one at its end. */
export function linesOf(text: string | undefined): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
