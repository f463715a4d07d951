import type { JsonPointer } from "../base/json-pointer.ts";
import { pointerTo } from "../base/json-pointer.ts";
import type { FileWrite, WriteCondition } from "./cgroup-plan.ts";

/** The cgroup that a compiler of a controller writes to. */
export interface Target {
  readonly directory: string;
  /** The directories between the hierarchy's start and this one, from the top down, neither of both included. */
  readonly ancestors: readonly string[];
  /** What the kernel's files hold now, by file name; absent for a cgroup that is new and has the kernel's defaults. */
  readonly current?: CurrentValues;
}

/** The text of a cgroup's files, without the newline at the end, by file name such as "memory.limit_in_bytes". */
export type CurrentValues = Readonly<Record<string, string>>;

/** A pointer below linux.resources: `resource("memory", "limit")`. */
export function resource(...tokens: readonly (string | number)[]): JsonPointer {
  return pointerTo("/linux/resources", ...tokens);
}

/** How a write differs from the plain one that must succeed. */
export interface WriteOptions {
  readonly when?: WriteCondition;
  /** Another file name in the same directory, tried where the first does not exist. */
  readonly orElse?: string;
  /** The other file's value, where it has another scale. */
  readonly orElseValue?: string;
  readonly missing?: string;
}

/** A write of `value` to the target's file `name`. */
export function write(
  target: Target,
  name: string,
  value: string,
  pointer: JsonPointer,
  options: WriteOptions = {},
): FileWrite {
  const { when = "always", orElse, ...others } = options;
  return {
    kind: "write",
    path: `${target.directory}/${name}`,
    value,
    from: { config: pointer },
    when,
    ...(orElse !== undefined && { orElse: `${target.directory}/${orElse}` }),
    ...others,
  };
}

/** A current value as a number; "max", -1 and v1's greatest page count are Infinity, a missing file is undefined. */
export function currentNumber(current: CurrentValues | undefined, name: string): number | undefined {
  const text = current?.[name];
  return text === undefined ? undefined : limitNumber(text);
}

/** A limit as the kernel prints it, in the file's own unit; Infinity for none. */
export function limitNumber(text: string): number {
  const number = text === "max" ? Number.POSITIVE_INFINITY : Number(text);
  return number < 0 || number >= UNLIMITED ? Number.POSITIVE_INFINITY : number;
}

/**
 * v1 prints "no limit" as the greatest multiple of the page size below 2^63, and pages may have up to 64 KiB: from
 * half of that on, a limit is none.
 */
const UNLIMITED = 2 ** 62;
