import { type ErrorDetails, RuntimeError } from "./errors.ts";
import type { JsonPointer } from "./json-pointer.ts";
import type { SpecRef } from "./spec-ref.ts";

/** One finding about config.json: where, what, why, and how to mend it. */
export interface Problem {
  /** Stable, such as "MOUNT_OPTION_CONFLICT"; one code a rule. */
  readonly code: string;
  /** Warnings never change what happens (runtime.md#warnings). */
  readonly severity: "error" | "warning";
  readonly pointer: JsonPointer;
  /** The offending value as JSON text, shortened to 120 characters; absent where the place is missing. */
  readonly value?: string;
  /** What is and what must be: "must be an absolute path". */
  readonly message: string;
  readonly fix?: string;
  readonly spec?: SpecRef;
}

/** The config broke rules; `problems` holds them all, errors first. */
export class ConfigError extends RuntimeError {
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[], details: ErrorDetails = {}) {
    super("ERR_CONFIG_INVALID", message, details);
    this.problems = problems;
  }
}

/** One line a problem: `/process/cwd: "tmp" must be an absolute path (config.md#process); fix: write "/tmp"`. */
export function formatProblem(problem: Problem): string {
  const place = problem.pointer === "" ? "(whole config)" : problem.pointer;
  const value = problem.value === undefined ? "" : `${problem.value} `;
  const spec = problem.spec === undefined ? "" : ` (${problem.spec})`;
  const fix = problem.fix === undefined ? "" : `; fix: ${problem.fix}`;
  return `${place}: ${value}${problem.message}${spec}${fix}`;
}

/** Shortens a value for a message: JSON text of at most 120 characters. */
export function shownValue(value: unknown): string {
  const text = typeof value === "bigint" ? String(value) : (JSON.stringify(value, withBigints) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** Numbers beyond 2^53 are bigints, which JSON.stringify refuses. */
function withBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
