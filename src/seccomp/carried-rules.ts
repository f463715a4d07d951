import type { Findings } from "../config/findings.ts";
import { MULTIPLEXED_CALLS } from "../linux/seccomp.ts";
import { syscallRows } from "../linux/syscalls.ts";
import { checkRules } from "./check-rules.ts";
import { ALL_BITS } from "./condition.ts";
import type { RulesByRow } from "./rule-spans.ts";
import type { Rule } from "./rules.ts";

/**
 * Adds what socketcall(2) and ipc(2) need: rules on the socket and System V IPC calls hold for the call that can carry
 * them too, unless that has a rule for all its calls. Source: socketcall(2), ipc(2), libseccomp's treatment of them.
 */
export function withCarriedRules(rulesByRow: RulesByRow, found: Findings): RulesByRow {
  const all = [...rulesByRow];
  for (const carrier of ["socketcall", "ipc"] as const) {
    const row = syscallRows().get(carrier) ?? -1;
    const own = rulesByRow[row] ?? [];
    if (own.some((rule) => rule.conditions.length === 0)) continue;
    const rules = [...own, ...carriedRules(carrier, rulesByRow)].sort((a, b) => a.entry - b.entry);
    if (rules.length === 0) continue;
    checkRules(row, rules, found);
    all[row] = rules;
  }
  return all;
}

function carriedRules(carrier: keyof typeof MULTIPLEXED_CALLS, rulesByRow: RulesByRow): readonly Rule[] {
  return Object.entries(MULTIPLEXED_CALLS[carrier]).flatMap(([name, selector]) => {
    const rules = rulesByRow[syscallRows().get(name) ?? -1] ?? [];
    return rules.map((rule) => carriedRule(rule, selector));
  });
}

/**
 * The first argument selects the call, whose own arguments are in memory, out of a filter's sight. Conditions on the
 * first one are dropped and the others kept, as libseccomp does.
 */
function carriedRule(rule: Rule, selector: number): Rule {
  const selected = { index: 0, operator: "SCMP_CMP_EQ", value: { high: 0, low: selector }, mask: ALL_BITS } as const;
  return { ...rule, conditions: [selected, ...rule.conditions.filter((condition) => condition.index !== 0)] };
}
