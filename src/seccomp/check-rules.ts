import { pointerTo } from "../base/json-pointer.ts";
import type { Finding, Findings } from "../config/findings.ts";
import { syscallRows } from "../linux/syscalls.ts";
import type { Condition } from "./condition.ts";
import type { Rule } from "./rules.ts";

/**
 * Looks for rules of one system call that stand in each other's way. One that never applies, because another takes all
 * its calls, is a warning. One with another action than an earlier rule, and with the same conditions or only the first
 * few of them, is an error, as it is for libseccomp and thus for other runtimes.
 */
export function checkRules(row: number, rules: readonly Rule[], found: Findings): void {
  const always = rules.find((rule) => rule.conditions.length === 0);
  for (const [position, rule] of rules.entries()) {
    if (rule.action === always?.action) continue;
    if (always !== undefined) {
      warnShadowed(row, rule, always, found);
      continue;
    }
    for (const earlier of rules.slice(0, position)) {
      if (earlier.action !== rule.action) checkPair(row, rule, earlier, found);
    }
  }
}

function checkPair(row: number, rule: Rule, earlier: Rule, found: Findings): void {
  if (isPrefix(rule.conditions, earlier.conditions)) {
    const message = `contradicts entry ${earlier.entry}, which has another action for the same calls or some of them`;
    const fix = "make the conditions of the two entries exclude each other";
    found.error({ ...findingAbout(rule, row), code: "SECCOMP_CONFLICT", message, fix });
  } else if (isPrefix(earlier.conditions, rule.conditions)) {
    warnShadowed(row, rule, earlier, found);
  }
}

function warnShadowed(row: number, rule: Rule, other: Rule, found: Findings): void {
  const message = `never applies: entry ${other.entry} takes all its calls`;
  found.warning({ ...findingAbout(rule, row), code: "SECCOMP_SHADOWED", message });
}

function findingAbout(rule: Rule, row: number): Pick<Finding, "pointer" | "value" | "spec"> {
  const pointer = pointerTo("/linux/seccomp/syscalls", rule.entry);
  return { pointer, value: [...syscallRows().keys()][row], spec: "config-linux.md#seccomp" };
}

function isPrefix(conditions: readonly Condition[], of: readonly Condition[]): boolean {
  return conditions.every((condition, position) => isSame(condition, of[position]));
}

function isSame(a: Condition, b: Condition | undefined): boolean {
  return (
    b !== undefined &&
    a.index === b.index &&
    a.operator === b.operator &&
    a.value.high === b.value.high &&
    a.value.low === b.value.low &&
    a.mask.high === b.mask.high &&
    a.mask.low === b.mask.low
  );
}
