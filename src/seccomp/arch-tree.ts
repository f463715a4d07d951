import type { Findings } from "../config/findings.ts";
import { type Architecture, AUDIT_ARCH_X86_64, enosysOf, X32_SYSCALL_BIT } from "../linux/arch.ts";
import { SECCOMP_ACTIONS } from "../linux/seccomp.ts";
import { withCarriedRules } from "./carried-rules.ts";
import { addCondition, afterMet, conditionOn, isAlwaysMet } from "./condition.ts";
import type { DecisionGraph, GraphNode } from "./decision-graph.ts";
import { inOrder } from "./rule-order.ts";
import { ruleSpans } from "./rule-spans.ts";
import type { Rule, RuleBook } from "./rules.ts";
import { SyscallRanges } from "./syscall-ranges.ts";

/** What the trees of all architectures have in common. */
export interface FilterContext {
  readonly graph: DecisionGraph;
  readonly found: Findings;
  readonly book: RuleBook;
  /** For system calls without a rule. */
  readonly unmatched: GraphNode;
  /** For ABIs that the filter does not have. */
  readonly badArch: GraphNode;
  /** What lists of rules have become already, by the width of arguments. */
  readonly outcomes: Readonly<Record<32 | 64, Map<readonly Rule[], GraphNode>>>;
  /** Whether calls newer than the newest in the config answer ENOSYS, as on a kernel that lacks them. */
  readonly answersEnosys: boolean;
}

/**
 * Adds the decision for one AUDIT_ARCH value, whose ABIs are given: one, or x86_64 and x32, which have their numbers
 * apart by a bit. Where x32 is not among them its numbers are bad, but -1, by which a tracer skips a call, is none of
 * them. Source: seccomp(2).
 */
export function addArchTree(context: FilterContext, abis: readonly Architecture[]): GraphNode {
  const ranges = new SyscallRanges(context.graph);
  const x32 = abis.find((abi) => abi.base === X32_SYSCALL_BIT);
  const other = abis.find((abi) => abi !== x32);
  ranges.add(0, other === undefined ? context.badArch : context.unmatched);
  if (other !== undefined) addAbi(context, other, ranges);
  if (x32 !== undefined) {
    ranges.add(X32_SYSCALL_BIT, context.unmatched);
    addAbi(context, x32, ranges);
  } else if (other?.audit === AUDIT_ARCH_X86_64) {
    ranges.add(X32_SYSCALL_BIT, context.badArch);
    ranges.add(0xffffffff, context.unmatched);
  }
  return ranges.toTree();
}

function addAbi(context: FilterContext, arch: Architecture, ranges: SyscallRanges): void {
  const { book, unmatched, answersEnosys } = context;
  const rulesByRow = arch.isMultiplexed ? withCarriedRules(book.rulesByRow, context.found) : book.rulesByRow;
  const { spans, newest } = ruleSpans(arch.table, rulesByRow, book.isNamed);
  const enosys = context.graph.leaf(SECCOMP_ACTIONS.SCMP_ACT_ERRNO | enosysOf(arch));
  const base = arch.base ?? 0;
  if (answersEnosys && arch.unknownNumber !== undefined) {
    ranges.add(arch.unknownNumber, enosys);
    ranges.add(arch.unknownNumber + 1, unmatched);
  }
  for (const { start, end, rules } of spans) {
    ranges.add(base + start, outcomeOf(context, arch, rules));
    ranges.add(base + end, unmatched);
  }
  if (answersEnosys && newest >= 0) ranges.add(base + newest + 1, enosys);
}

/** System calls that have a list of rules in common share what becomes of it, on all architectures of the same width. */
function outcomeOf(context: FilterContext, arch: Architecture, rules: readonly Rule[]): GraphNode {
  const outcomes = context.outcomes[arch.bits];
  const known = outcomes.get(rules);
  if (known !== undefined) return known;
  const outcome = newOutcome(context, arch, rules);
  outcomes.set(rules, outcome);
  return outcome;
}

function newOutcome(context: FilterContext, arch: Architecture, rules: readonly Rule[]): GraphNode {
  const here = rules.map((rule) => ruleOn(arch, rule));
  const always = here.find((rule) => rule.conditions.length === 0);
  if (always !== undefined) return context.graph.leaf(always.action);
  return inOrder(here, arch.bits).reduceRight((no, rule) => addRule(context, arch, rule, no), context.unmatched);
}

function ruleOn(arch: Architecture, rule: Rule): Rule {
  if (rule.conditions.length === 0) return rule;
  const conditions = rule.conditions.map((condition) => conditionOn(arch, condition));
  return { ...rule, conditions: conditions.filter((condition) => !isAlwaysMet(condition)) };
}

/** A rule in front of what follows when it does not apply; what its first conditions have shown is not asked again. */
function addRule(context: FilterContext, arch: Architecture, rule: Rule, otherwise: GraphNode): GraphNode {
  const place = { graph: context.graph, arch };
  let yes: GraphNode = context.graph.leaf(rule.action);
  for (const [position, condition] of [...rule.conditions.entries()].reverse()) {
    const met = rule.conditions.slice(0, position);
    const no = met.reduce((node, earlier) => afterMet(arch, earlier, node), otherwise);
    yes = addCondition(place, condition, { yes, no });
  }
  return yes;
}
