import { pointerTo } from "../base/json-pointer.ts";
import type { Problem } from "../base/problem.ts";
import type { Config, Rlimit } from "../config/types.gen.ts";
import { rlimitNumber } from "../linux/rlimits.ts";

export interface LimitFacts {
  /** The text of the caller's /proc/self/limits. */
  readonly limits: string;
  /** The capabilities that root has on this host. */
  readonly boundingSet: readonly string[];
}

/**
 * The hard limits that nobody on this host can set: to raise one takes CAP_SYS_RESOURCE, and what a container manager
 * runs in may lack that. Pure. Source: setrlimit(2).
 */
export function limitProblems({ process }: Config, { limits, boundingSet }: LimitFacts): readonly Problem[] {
  if (boundingSet.includes("CAP_SYS_RESOURCE")) return [];
  const hardLimits = parseHardLimits(limits);
  return (process?.rlimits ?? []).flatMap((rlimit, index): readonly Problem[] => {
    const highest = hardLimits[rlimitNumber(rlimit.type) ?? -1];
    return highest === undefined || rlimit.hard <= highest ? [] : [problemOf(rlimit, index, highest)];
  });
}

/** The hard limits by their numbers: the lines are in that order, below a heading. Source: proc_pid_limits(5). */
export function parseHardLimits(text: string): readonly (bigint | number)[] {
  const lines = text.split("\n").slice(1);
  return lines.flatMap((line) => {
    const hard = /\s(?:\d+|unlimited)\s+(\d+|unlimited)(?:\s|$)/.exec(line)?.[1];
    if (hard === undefined) return [];
    return [hard === "unlimited" ? Number.POSITIVE_INFINITY : BigInt(hard)];
  });
}

function problemOf({ hard }: Rlimit, index: number, highest: bigint | number): Problem {
  return {
    code: "RLIMIT_RAISED",
    severity: "error",
    pointer: pointerTo("/process/rlimits", index, "hard"),
    value: String(hard),
    message: `is more than this host allows, ${highest}: even root has no CAP_SYS_RESOURCE here`,
    fix: `write ${highest} or less`,
    spec: "config.md#posix-process",
  };
}
