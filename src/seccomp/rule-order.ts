import type { SeccompOperator } from "../config/types.gen.ts";
import type { Condition } from "./condition.ts";
import type { Rule } from "./rules.ts";

/**
 * The order in which the rules of one system call are tried; the first whose conditions are all met applies. It is
 * libseccomp's, so that a config means the same as elsewhere: rules are filed in a tree by their conditions, which take
 * a level for each 32-bit word. On a level, conditions on a later argument go before those on an earlier one, equality
 * before upper bounds before lower bounds, and the larger number (of upper bounds: the smaller) before the others; what
 * is still equal stays in the order of the config. A rule goes before those that only add conditions to it.
 * All conditions must be conditionOn an architecture of that width.
 */
export function inOrder(rules: readonly Rule[], bits: 32 | 64): readonly Rule[] {
  if (rules.length < 2) return rules;
  const root: Level = { rules: [], branches: [] };
  for (const rule of rules) {
    rule.conditions.reduce((level, condition) => levelAfter(level, condition, bits), root).rules.push(rule);
  }
  return listed(root);
}

/** Rules whose conditions are all on the way here, and the ways to those that have more. */
interface Level {
  readonly rules: Rule[];
  readonly branches: Branch[];
}

interface Branch {
  readonly key: Key;
  readonly level: Level;
}

/** A condition on one word. Opposite operators share a key, because they ask the same question. */
interface Key {
  readonly index: number;
  readonly question: Filing["question"];
  readonly precedence: number;
  readonly value: number;
  readonly mask: number;
}

function levelAfter(level: Level, { index, operator, value, mask }: Condition, bits: 32 | 64): Level {
  const { question, precedence } = FILING[operator];
  const lower: Key = { index, question, precedence, value: value.low, mask: mask.low };
  if (bits === 32) return branchTo(level, lower);
  const upperQuestion = question === "at least" ? "more than" : question;
  const upper: Key = { index, question: upperQuestion, precedence, value: value.high, mask: mask.high };
  return branchTo(branchTo(level, upper), lower);
}

interface Filing {
  readonly question: "equal" | "masked" | "more than" | "at least";
  readonly precedence: number;
}

const UPPER_BOUND = 1;

const FILING: Readonly<Record<SeccompOperator, Filing>> = {
  SCMP_CMP_EQ: { question: "equal", precedence: 0 },
  SCMP_CMP_NE: { question: "equal", precedence: 0 },
  SCMP_CMP_MASKED_EQ: { question: "masked", precedence: 0 },
  SCMP_CMP_LT: { question: "at least", precedence: UPPER_BOUND },
  SCMP_CMP_LE: { question: "more than", precedence: UPPER_BOUND },
  SCMP_CMP_GT: { question: "more than", precedence: 2 },
  SCMP_CMP_GE: { question: "at least", precedence: 2 },
};

/** The level behind a key, which is filed where it belongs if it is new. */
function branchTo(level: Level, key: Key): Level {
  let position = 0;
  for (const branch of level.branches) {
    if (isSame(branch.key, key)) return branch.level;
    if (compareKeys(branch.key, key) > 0) break;
    position += 1;
  }
  const branch: Branch = { key, level: { rules: [], branches: [] } };
  level.branches.splice(position, 0, branch);
  return branch.level;
}

function isSame(a: Key, b: Key): boolean {
  return a.index === b.index && a.question === b.question && a.value === b.value && a.mask === b.mask;
}

function compareKeys(a: Key, b: Key): number {
  if (a.index !== b.index) return b.index - a.index;
  if (a.precedence !== b.precedence) return a.precedence - b.precedence;
  return a.precedence === UPPER_BOUND ? a.value - b.value : b.value - a.value;
}

function listed(level: Level): readonly Rule[] {
  return [...level.rules, ...level.branches.flatMap((branch) => listed(branch.level))];
}
