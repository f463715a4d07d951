import assert from "node:assert/strict";
import { ConfigError, type Problem } from "../../../src/base/problem.ts";
import type {
  Seccomp,
  SeccompAction,
  SeccompArg,
  SeccompOperator,
  SeccompSyscall,
} from "../../../src/config/types.gen.ts";
import { ARCHITECTURES, isLittleEndian } from "../../../src/linux/arch.ts";
import { compileSeccomp, type SeccompOptions } from "../../../src/seccomp/compile-seccomp.ts";
import { BpfSimulator } from "../../helpers/bpf-simulator.ts";
import { syscallNumber } from "./probe-calls.ts";

/** What a filter returns: actions, and ERRNO with a number. */
export const ALLOW = 0x7fff0000;
export const EPERM = 0x00050001;
export const ENOSYS = 0x00050026;
export const KILL = 0;

export const X86_64 = "SCMP_ARCH_X86_64";

/** Runs calls by name through the filter of a config. */
export class Filter {
  private readonly simulator: BpfSimulator;

  constructor(seccomp: Seccomp, options: Partial<SeccompOptions> = {}) {
    const program = compileSeccomp(seccomp, { native: X86_64, ...options });
    const native = ARCHITECTURES[options.native ?? X86_64];
    const littleEndian = native !== undefined && isLittleEndian(native);
    this.simulator = new BpfSimulator(Buffer.from(program.instructions, "hex"), littleEndian);
  }

  call(name: string, args: readonly bigint[] = [], arch: string = X86_64): number {
    return this.number(syscallNumber(arch, name) ?? assert.fail(`${arch} has no ${name}`), args, arch);
  }

  number(nr: number, args: readonly bigint[] = [], arch: string = X86_64): number {
    return this.simulator.run({ nr, arch: ARCHITECTURES[arch]?.audit ?? 0, args });
  }
}

export function allowing(...names: readonly string[]): Seccomp {
  return { defaultAction: "SCMP_ACT_ERRNO", syscalls: [{ names, action: "SCMP_ACT_ALLOW" }] };
}

export function withRules(...syscalls: readonly SeccompSyscall[]): Seccomp {
  return { defaultAction: "SCMP_ACT_ERRNO", syscalls };
}

export function rule(name: string, action: SeccompAction, ...args: readonly SeccompArg[]): SeccompSyscall {
  return { names: [name], action, args };
}

export function on(index: number, op: SeccompOperator, value: number | bigint, valueTwo?: number | bigint): SeccompArg {
  return valueTwo === undefined ? { index, op, value } : { index, op, value, valueTwo };
}

/** What compiling a config reports: "warning SECCOMP_FLAG /linux/seccomp/flags/0". */
export function problemsOf(seccomp: Seccomp, native: string = X86_64): readonly string[] {
  const problems = problemList(seccomp, native);
  return problems.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`);
}

function problemList(seccomp: Seccomp, native: string): readonly Problem[] {
  try {
    return compileSeccomp(seccomp, { native }).warnings;
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}
