import { assertNever } from "../base/assert.ts";
import type { SeccompOperator } from "../config/types.gen.ts";
import { type Architecture, isLittleEndian } from "../linux/arch.ts";
import { BPF, SECCOMP_DATA } from "../linux/seccomp.ts";
import { type DecisionGraph, type GraphNode, knowing, type Question } from "./decision-graph.ts";

/** A 64-bit number in two halves, each unsigned. */
export interface Word64 {
  readonly high: number;
  readonly low: number;
}

/** A condition on one argument. */
export interface Condition {
  /** Which argument, from 0. */
  readonly index: number;
  readonly operator: SeccompOperator;
  readonly value: Word64;
  /** What of the argument counts; all bits unless the operator is SCMP_CMP_MASKED_EQ. */
  readonly mask: Word64;
}

export const ALL_BITS: Word64 = { high: 0xffffffff, low: 0xffffffff };

/** Splits an unsigned number; one above 2^64 - 1, which only rounding can make of a 64-bit number, becomes that. */
export function word64(value: number | bigint): Word64 {
  if (typeof value === "number" && value >= 2 ** 64) return ALL_BITS;
  if (typeof value === "number") return { high: Math.floor(value / 2 ** 32), low: value >>> 0 };
  return { high: Number(BigInt.asUintN(32, value >> 32n)), low: Number(BigInt.asUintN(32, value)) };
}

/** The condition as an architecture can see it: where arguments have 32 bits, the lower half of what was asked for. */
export function conditionOn(arch: Architecture, condition: Condition): Condition {
  if (arch.bits === 64) return condition;
  const { value, mask } = condition;
  return { ...condition, value: { high: 0, low: value.low }, mask: { high: 0, low: mask.low } };
}

/** Whether every argument meets the condition: a mask without bits. */
export function isAlwaysMet(condition: Condition): boolean {
  return condition.mask.high === 0 && condition.mask.low === 0;
}

/** What every condition of a filter has in common. */
export interface Context {
  readonly graph: DecisionGraph;
  readonly arch: Architecture;
}

/** Where to go when a condition is met, and when it is not. */
export interface Ways {
  readonly yes: GraphNode;
  readonly no: GraphNode;
}

/**
 * Adds a condition to a graph and returns where it begins. Comparisons are unsigned, the upper half goes first. The
 * condition must be as conditionOn makes it for the architecture. Source: seccomp_rule_add(3).
 */
export function addCondition(context: Context, condition: Condition, ways: Ways): GraphNode {
  switch (condition.operator) {
    case "SCMP_CMP_EQ":
      return addEqual(context, condition, ways);
    case "SCMP_CMP_NE":
      return addEqual(context, condition, opposite(ways));
    case "SCMP_CMP_MASKED_EQ":
      return addMasked(context, condition, ways);
    case "SCMP_CMP_GT":
    case "SCMP_CMP_GE":
      return addGreater(context, condition, ways);
    case "SCMP_CMP_LE":
    case "SCMP_CMP_LT":
      return addGreater(context, condition, opposite(ways));
    default:
      return assertNever(condition.operator);
  }
}

/** Where a node leads to once a condition is known to be met. */
export function afterMet(arch: Architecture, { index, operator, value }: Condition, node: GraphNode): GraphNode {
  if (operator !== "SCMP_CMP_EQ") return node;
  const { low, high } = wordsOf(arch, index);
  return knowing(arch.bits === 32 ? node : knowing(node, high, value.high), low, value.low);
}

function addEqual({ graph, arch }: Context, { index, value }: Condition, { yes, no }: Ways): GraphNode {
  const { low, high } = wordsOf(arch, index);
  const askLow = { word: low, jump: BPF.JEQ, value: value.low };
  if (arch.bits === 32) return graph.test(askLow, yes, no);
  const lower = graph.test(askLow, knowing(yes, high, value.high), knowing(no, high, value.high));
  return graph.test({ word: high, jump: BPF.JEQ, value: value.high }, lower, no);
}

/** For all four orders: "not greater" is "at most", "not greater or equal" is "less". */
function addGreater({ graph, arch }: Context, { index, operator, value }: Condition, { yes, no }: Ways): GraphNode {
  const { low, high } = wordsOf(arch, index);
  const jump = operator === "SCMP_CMP_GT" || operator === "SCMP_CMP_LE" ? BPF.JGT : BPF.JGE;
  const askLow = { word: low, jump, value: value.low };
  if (arch.bits === 32) return graph.test(askLow, yes, no);
  const lower = graph.test(askLow, knowing(yes, high, value.high), knowing(no, high, value.high));
  const askEqual = { word: high, jump: BPF.JEQ, value: value.high };
  if (value.high === 0) return graph.test(askEqual, lower, yes);
  return graph.test({ word: high, jump: BPF.JGT, value: value.high }, yes, graph.test(askEqual, lower, no));
}

function addMasked({ graph, arch }: Context, { index, value, mask }: Condition, { yes, no }: Ways): GraphNode {
  const { low, high } = wordsOf(arch, index);
  const lower = addMaskedWord(graph, { word: low, jump: BPF.JEQ, value: value.low, mask: mask.low }, { yes, no });
  return addMaskedWord(graph, { word: high, jump: BPF.JEQ, value: value.high, mask: mask.high }, { yes: lower, no });
}

/** A mask costs an instruction, which the common ones do without: no bit, every bit, and bits that are all to be 0. */
function addMaskedWord(graph: DecisionGraph, ask: Required<Question>, { yes, no }: Ways): GraphNode {
  const { word, value, mask } = ask;
  if (mask === 0) return yes;
  if (mask === 0xffffffff) return graph.test({ word, jump: BPF.JEQ, value }, yes, no);
  if (value === 0) return graph.test({ word, jump: BPF.JSET, value: mask }, no, yes);
  return graph.test(ask, yes, no);
}

function opposite({ yes, no }: Ways): Ways {
  return { yes: no, no: yes };
}

/** The offsets of an argument's halves in seccomp_data. */
function wordsOf(arch: Architecture, index: number): { readonly low: number; readonly high: number } {
  const offset = SECCOMP_DATA.args + 8 * index;
  return isLittleEndian(arch) ? { low: offset, high: offset + 4 } : { low: offset + 4, high: offset };
}
