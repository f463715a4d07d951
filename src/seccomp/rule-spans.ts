import { type SyscallTable, syscallNumbers } from "../linux/syscalls.ts";
import type { Rule } from "./rules.ts";

/** Consecutive system call numbers, without an architecture's base, that share their rules. */
export interface RuleSpan {
  readonly start: number;
  /** The first number behind it. */
  readonly end: number;
  readonly rules: readonly Rule[];
}

export interface RuleSpans {
  /** Ascending, without overlaps; gaps have no rules. */
  readonly spans: readonly RuleSpan[];
  /** The highest number that the config names, with a rule or not; -1 without any. */
  readonly newest: number;
}

export type RulesByRow = readonly (readonly Rule[] | undefined)[];

/** Finds the numbers that a table has for the rows with rules. `isNamed` is 1 for rows that the config names. */
export function ruleSpans(table: SyscallTable, rulesByRow: RulesByRow, isNamed: Uint8Array): RuleSpans {
  const texts = syscallNumbers(table);
  const keys = new Uint32Array(texts.length);
  let count = 0;
  let newest = -1;
  let row = 0;
  for (const text of texts) {
    const hasRules = rulesByRow[row] !== undefined;
    if (text !== "" && (hasRules || isNamed[row] === 1)) {
      const number = Number(text);
      if (number > newest) newest = number;
      if (hasRules) keys[count++] = (number << ROW_BITS) | row;
    }
    row += 1;
  }
  return { spans: joined(keys.subarray(0, count).sort(), rulesByRow), newest };
}

/** A number and its row are sorted as one, which takes no comparison function. The largest number has 20 bits. */
const ROW_BITS = 10;
const ROW_MASK = (1 << ROW_BITS) - 1;

function joined(keys: Uint32Array, rulesByRow: RulesByRow): readonly RuleSpan[] {
  const spans: RuleSpan[] = [];
  let span: Writable<RuleSpan> = { start: 0, end: 0, rules: NO_RULES };
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? 0;
    const number = key >> ROW_BITS;
    const rules = rulesByRow[key & ROW_MASK] ?? NO_RULES;
    if (number === span.end && rules === span.rules) {
      span.end += 1;
      continue;
    }
    span = { start: number, end: number + 1, rules: number < span.end ? withSecondName(span, rules) : rules };
    spans.push(span);
  }
  return spans;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The rules of a number that two names have; it leaves the span that the first one put it into. */
function withSecondName(span: Writable<RuleSpan>, rules: readonly Rule[]): readonly Rule[] {
  span.end -= 1;
  return [...span.rules, ...rules].sort((a, b) => a.entry - b.entry);
}

const NO_RULES: readonly Rule[] = [];
