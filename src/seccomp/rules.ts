import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import type { Findings } from "../config/findings.ts";
import { nearestName } from "../config/nearest-name.ts";
import type { Seccomp, SeccompArg, SeccompSyscall } from "../config/types.gen.ts";
import { syscallRows } from "../linux/syscalls.ts";
import { actionValue } from "./action-value.ts";
import { ALL_BITS, type Condition, type Word64, word64 } from "./condition.ts";

/** An action for a system call, on conditions that must all be met. */
export interface Rule {
  /** The entry of linux.seccomp.syscalls that it comes from. */
  readonly entry: number;
  readonly action: number;
  /** At most one an argument, in the order of the arguments; none means always. */
  readonly conditions: readonly Condition[];
}

/** A seccomp config as rules. "By row" is by the row of the system call table. */
export interface RuleBook {
  readonly defaultAction: number;
  /** In the order of the config; rules that repeat the default action are left out. */
  readonly rulesByRow: readonly (readonly Rule[] | undefined)[];
  /** 1 for every system call that is named, even by a rule that was left out. */
  readonly isNamed: Uint8Array;
}

/**
 * Reads linux.seccomp into rules for the system calls that exist on any architecture; other names are left out with a
 * warning. Conditions of one entry that share an argument are alternatives, as runc has it: a rule for each condition.
 */
export function readRules(seccomp: Seccomp, found: Findings): RuleBook {
  const defaultAction = readDefaultAction(seccomp, found);
  const rows = syscallRows();
  const rulesByRow = new Array<Rule[] | undefined>(rows.size).fill(undefined);
  const isNamed = new Uint8Array(rows.size);
  let entry = 0;
  for (const syscall of seccomp.syscalls ?? []) {
    const rules = readEntry(entry, syscall, found).filter((rule) => rule.action !== defaultAction);
    for (const name of syscall.names) {
      const row = rows.get(name);
      if (row === undefined) {
        warnUnknown(name, pointerTo(ROOT, "syscalls", entry, "names", syscall.names.indexOf(name)), found);
        continue;
      }
      isNamed[row] = 1;
      const earlier = rulesByRow[row];
      if (earlier !== undefined) earlier.push(...rules);
      else if (rules.length > 0) rulesByRow[row] = [...rules];
    }
    entry += 1;
  }
  return { defaultAction, rulesByRow, isNamed };
}

const ROOT = "/linux/seccomp";

function readDefaultAction({ defaultAction, defaultErrnoRet: value }: Seccomp, found: Findings): number {
  return actionValue(defaultAction, { value, pointer: `${ROOT}/defaultErrnoRet` }, found);
}

function warnUnknown(name: string, pointer: JsonPointer, found: Findings): void {
  const nearest = nearestName(name, [...syscallRows().keys()]);
  found.warning({
    code: "SECCOMP_SYSCALL",
    pointer,
    value: name,
    message: "is not a system call of any architecture: the filter leaves it out",
    fix: nearest === undefined ? undefined : `write "${nearest}"`,
    spec: "config-linux.md#seccomp",
  });
}

function readEntry(entry: number, { action, errnoRet: value, args = [] }: SeccompSyscall, found: Findings): Rule[] {
  const pointer = pointerTo(ROOT, "syscalls", entry, "errnoRet");
  const what = { entry, action: actionValue(action, { value, pointer }, found) };
  const conditions = args.map(readCondition).sort((a, b) => a.index - b.index);
  const isDistinct = new Set(args.map(({ index }) => index)).size === args.length;
  return isDistinct ? [{ ...what, conditions }] : conditions.map((condition) => ({ ...what, conditions: [condition] }));
}

function readCondition({ index, op, value, valueTwo = 0 }: SeccompArg): Condition {
  const first = word64(value);
  if (op !== "SCMP_CMP_MASKED_EQ") return { index, operator: op, value: first, mask: ALL_BITS };
  return { index, operator: op, value: masked(word64(valueTwo), first), mask: first };
}

function masked(value: Word64, mask: Word64): Word64 {
  return { high: (value.high & mask.high) >>> 0, low: (value.low & mask.low) >>> 0 };
}
