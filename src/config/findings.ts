import type { JsonPointer } from "../base/json-pointer.ts";
import { type Problem, shownValue } from "../base/problem.ts";
import type { SpecRef } from "../base/spec-ref.ts";

/** A problem as a rule states it; the value is still a value. */
export interface Finding {
  readonly code: string;
  readonly pointer: JsonPointer;
  /** Absent where the place is missing. */
  readonly value?: unknown;
  readonly message: string;
  readonly fix?: string | undefined;
  readonly spec?: SpecRef;
}

/** Collects what is wrong with a config, so that it can be told all at once. */
export class Findings {
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];

  error(finding: Finding): void {
    this.errors.push({ ...problemOf(finding), severity: "error" });
  }

  /** For what changes nothing that the runtime does. Source: runtime.md#warnings. */
  warning(finding: Finding): void {
    this.warnings.push({ ...problemOf(finding), severity: "warning" });
  }
}

function problemOf({ value, fix, ...rest }: Finding): Omit<Problem, "severity"> {
  return {
    ...rest,
    ...(value !== undefined && { value: shown(value) }),
    // A longer one repeats a value at length, and helps nobody.
    ...(fix !== undefined && fix.length <= FIX_MAX && { fix }),
  };
}

const FIX_MAX = 160;

function shown(value: unknown): string {
  return typeof value === "bigint" ? String(value) : shownValue(withoutBigints(value));
}

/** JSON.stringify knows no bigint; inside a longer value its last digits matter to nobody who reads a message. */
function withoutBigints(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const text = JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? Number(member) : member));
  return JSON.parse(text);
}
