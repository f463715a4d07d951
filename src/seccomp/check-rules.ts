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
  if (rules.every(({ action }) => action === rules[0]?.action)) return;
  const root: Filed = { rule: rules.find(({ conditions }) => conditions.length === 0), more: new Map() };
  for (const rule of rules) {
    const general = fileRule(root, rule);
    if (general === undefined || general.action === rule.action) continue;
    if (general.conditions.length === 0 || general.conditions.length < rule.conditions.length) {
      warnShadowed(row, rule, general, found);
    } else {
      reportConflict(row, rule, general, found);
    }
  }
}

/** Rules by their conditions, one after the other. */
interface Filed {
  rule: Rule | undefined;
  readonly more: Map<string, Filed>;
}

/** Files a rule, unless an earlier one takes all its calls. Returns that one, or else one that it would overrule. */
function fileRule(root: Filed, rule: Rule): Rule | undefined {
  let place = root;
  for (const condition of rule.conditions) {
    if (place.rule !== undefined) return place.rule;
    const key = keyOf(condition);
    const next = place.more.get(key) ?? { rule: undefined, more: new Map() };
    place.more.set(key, next);
    place = next;
  }
  if (place.rule !== undefined) return place.rule;
  place.rule = rule;
  return overruled(place, rule);
}

function keyOf({ index, operator, value, mask }: Condition): string {
  return [index, operator, value.high, value.low, mask.high, mask.low].join();
}

/** A rule with another action among those that add conditions. */
function overruled({ more }: Filed, rule: Rule): Rule | undefined {
  for (const filed of more.values()) {
    const other = filed.rule?.action === rule.action ? undefined : filed.rule;
    const special = other ?? overruled(filed, rule);
    if (special !== undefined) return special;
  }
  return undefined;
}

function reportConflict(row: number, rule: Rule, earlier: Rule, found: Findings): void {
  const message = `contradicts entry ${earlier.entry}, which has another action for the same calls or some of them`;
  const fix = "make the conditions of the two entries exclude each other";
  found.error({ ...findingAbout(rule, row), code: "SECCOMP_CONFLICT", message, fix });
}

function warnShadowed(row: number, rule: Rule, other: Rule, found: Findings): void {
  const message = `never applies: entry ${other.entry} takes all its calls`;
  found.warning({ ...findingAbout(rule, row), code: "SECCOMP_SHADOWED", message });
}

function findingAbout(rule: Rule, row: number): Pick<Finding, "pointer" | "value" | "spec"> {
  const pointer = pointerTo("/linux/seccomp/syscalls", rule.entry);
  return { pointer, value: [...syscallRows().keys()][row], spec: "config-linux.md#seccomp" };
}
