import type { Seccomp, SeccompArg } from "../../../src/config/types.gen.ts";
import { ARCHITECTURES, X32_SYSCALL_BIT } from "../../../src/linux/arch.ts";
import { MULTIPLEXED_CALLS } from "../../../src/linux/seccomp.ts";
import { syscallNumbers, syscallRows } from "../../../src/linux/syscalls.ts";
import type { SimulatedCall } from "../../helpers/bpf-simulator.ts";

/** The architectures that the filters of these tests are about. */
export const PROBED_ARCHES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"] as const;

const AUDITS = [...new Set(PROBED_ARCHES.map((name) => ARCHITECTURES[name]?.audit ?? 0)), 0];
const HIGHEST_NUMBER = 600;
const BOUNDARIES = [X32_SYSCALL_BIT - 1, 0x7fffffff, 0x80000000, 0xbfffffff, 0xfffffffe, 0xffffffff];

/** Every system call number that exists, those around, and the ends of the ranges, without arguments. */
export function* everyNumber(): Generator<SimulatedCall> {
  for (const arch of AUDITS) {
    for (let nr = 0; nr < HIGHEST_NUMBER; nr++) {
      yield { nr, arch };
      yield { nr: X32_SYSCALL_BIT + nr, arch };
    }
    for (const nr of BOUNDARIES) yield { nr, arch };
  }
}

/**
 * Calls with arguments at the edges of a config's conditions: from one set of arguments that meets an entry's conditions,
 * each argument is moved to the edges of every condition on it that the system call has.
 */
export function* boundaryCalls({ syscalls = [] }: Seccomp): Generator<SimulatedCall> {
  for (const { names, args = [] } of syscalls) {
    if (args.length === 0) continue;
    const base = meeting(args);
    for (const name of names) {
      const all = syscalls.filter((other) => other.names.includes(name)).flatMap((other) => other.args ?? []);
      for (const way of waysTo(name)) {
        yield callBy(way, base);
        for (const arg of all) for (const edge of edges(arg)) yield callBy(way, base.with(arg.index, edge));
      }
    }
  }
}

/** The number of a system call, with the architecture's base; undefined where the architecture lacks it. */
export function syscallNumber(arch: string, name: string): number | undefined {
  const facts = ARCHITECTURES[arch];
  const text = facts && syscallNumbers(facts.table)[syscallRows().get(name) ?? -1];
  return text ? (facts.base ?? 0) + Number(text) : undefined;
}

interface Way {
  readonly nr: number;
  readonly arch: number;
  /** The first argument, where the call is made through socketcall or ipc. */
  readonly selector?: bigint;
}

function waysTo(name: string): readonly Way[] {
  return PROBED_ARCHES.flatMap((arch) => {
    const audit = ARCHITECTURES[arch]?.audit ?? 0;
    const direct = syscallNumber(arch, name);
    return [...(direct === undefined ? [] : [{ nr: direct, arch: audit }]), ...carriedWays(arch, audit, name)];
  });
}

function carriedWays(arch: string, audit: number, name: string): readonly Way[] {
  return Object.entries(MULTIPLEXED_CALLS).flatMap(([carrier, calls]) => {
    const nr = syscallNumber(arch, carrier);
    const selector = calls[name];
    return nr === undefined || selector === undefined ? [] : [{ nr, arch: audit, selector: BigInt(selector) }];
  });
}

function callBy({ selector, ...call }: Way, args: readonly bigint[]): SimulatedCall {
  return { ...call, args: selector === undefined ? args : args.with(0, selector) };
}

/** Arguments that meet all conditions, unless two of them are on the same argument. */
function meeting(args: readonly SeccompArg[]): readonly bigint[] {
  const met = Array.from({ length: 6 }, () => 0n);
  for (const { index, op, value, valueTwo } of args)
    met[index] = meetingValue(op, BigInt(value), BigInt(valueTwo ?? 0));
  return met.map((value) => BigInt.asUintN(64, value));
}

function meetingValue(op: SeccompArg["op"], value: bigint, valueTwo: bigint): bigint {
  if (op === "SCMP_CMP_MASKED_EQ") return (value & valueTwo) | ~value;
  if (op === "SCMP_CMP_NE" || op === "SCMP_CMP_GT") return value + 1n;
  return op === "SCMP_CMP_LT" ? value - 1n : value;
}

function edges({ value, valueTwo = 0 }: SeccompArg): readonly bigint[] {
  const [first, second] = [BigInt(value), BigInt(valueTwo)];
  const halves = [first ^ (1n << 32n), first & 0xffffffffn, first ^ (1n << 63n)];
  return [first - 1n, first, first + 1n, ...halves, second, first & second, (first & second) | ~first, 0n, -1n].map(
    (edge) => BigInt.asUintN(64, edge),
  );
}
