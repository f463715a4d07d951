import type { Seccomp, SeccompAction, SeccompArg, SeccompSyscall } from "../../../src/config/types.gen.ts";
import { ARCHITECTURES, type Architecture, AUDIT_ARCH_X86_64, X32_SYSCALL_BIT } from "../../../src/linux/arch.ts";
import { MULTIPLEXED_CALLS, SECCOMP_ACTIONS } from "../../../src/linux/seccomp.ts";
import type { SimulatedCall } from "../../helpers/bpf-simulator.ts";
import { syscallNumber } from "./probe-calls.ts";

/**
 * What a config says about a call, read straight from its entries: slow, and plain enough to be checked by eye. It knows
 * no order among rules with conditions, so it is for configs where that does not matter. It has no ENOSYS stub.
 */
export class ReferenceFilter {
  private readonly seccomp: Seccomp;
  private readonly arches: readonly string[];
  private readonly rules: readonly SeccompSyscall[];

  constructor(seccomp: Seccomp, native: string) {
    this.seccomp = seccomp;
    this.arches = [native, ...(seccomp.architectures ?? [])];
    this.rules = (seccomp.syscalls ?? []).flatMap(alternatives);
  }

  run(call: SimulatedCall): number {
    const name = this.arches.find((arch) => isOf(arch, call));
    const facts = ARCHITECTURES[name ?? ""];
    if (name === undefined || facts === undefined) return isSkipped(call, this.arches) ? this.unmatched() : KILL;
    const own = this.rules.filter(({ names }) => names.some((each) => syscallNumber(name, each) === call.nr));
    const rule =
      own.find(({ args = [] }) => args.length === 0) ??
      [...own, ...this.carried(name, call)].find(({ args = [] }) => args.every((arg) => isMet(arg, call, facts)));
    return rule === undefined ? this.unmatched() : actionNumber(rule.action, rule.errnoRet);
  }

  private unmatched(): number {
    return actionNumber(this.seccomp.defaultAction, this.seccomp.defaultErrnoRet);
  }

  /** The rules on what socketcall or ipc is asked to do, without what they say about the first argument. */
  private carried(arch: string, call: SimulatedCall): readonly SeccompSyscall[] {
    const selector = Number(BigInt.asUintN(32, call.args?.[0] ?? 0n));
    return Object.entries(MULTIPLEXED_CALLS).flatMap(([carrier, calls]) => {
      if (!ARCHITECTURES[arch]?.isMultiplexed || syscallNumber(arch, carrier) !== call.nr) return [];
      const selected = this.rules.filter(({ names }) => names.some((name) => calls[name] === selector));
      return selected.map((rule) => ({ ...rule, args: (rule.args ?? []).filter(({ index }) => index !== 0) }));
    });
  }
}

const KILL = SECCOMP_ACTIONS.SCMP_ACT_KILL;

function alternatives(entry: SeccompSyscall): readonly SeccompSyscall[] {
  const { args = [] } = entry;
  const isOneRule = new Set(args.map(({ index }) => index)).size === args.length;
  return isOneRule ? [entry] : args.map((arg) => ({ ...entry, args: [arg] }));
}

function isOf(name: string, { arch, nr }: SimulatedCall): boolean {
  const facts = ARCHITECTURES[name];
  if (facts?.audit !== arch) return false;
  return arch !== AUDIT_ARCH_X86_64 || (facts.base === X32_SYSCALL_BIT) === nr >= X32_SYSCALL_BIT;
}

/** -1 is what a tracer makes of a call to have it skipped. */
function isSkipped({ arch, nr }: SimulatedCall, arches: readonly string[]): boolean {
  return nr === 0xffffffff && arch === AUDIT_ARCH_X86_64 && arches.includes("SCMP_ARCH_X86_64");
}

function isMet({ index, op, value, valueTwo = 0 }: SeccompArg, call: SimulatedCall, { bits }: Architecture): boolean {
  const narrow = (number: number | bigint) => BigInt.asUintN(bits, BigInt(number));
  const argument = narrow(call.args?.[index] ?? 0n);
  const first = narrow(value);
  switch (op) {
    case "SCMP_CMP_EQ":
      return argument === first;
    case "SCMP_CMP_NE":
      return argument !== first;
    case "SCMP_CMP_GT":
      return argument > first;
    case "SCMP_CMP_GE":
      return argument >= first;
    case "SCMP_CMP_LT":
      return argument < first;
    case "SCMP_CMP_LE":
      return argument <= first;
    case "SCMP_CMP_MASKED_EQ":
      return (argument & first) === (narrow(valueTwo) & first);
  }
}

function actionNumber(action: SeccompAction, errno = 1): number {
  const hasErrno = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
  return (SECCOMP_ACTIONS[action] | (hasErrno ? errno : 0)) >>> 0;
}
