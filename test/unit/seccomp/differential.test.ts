import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { ConfigError } from "../../../src/base/problem.ts";
import type { Seccomp, SeccompArch } from "../../../src/config/types.gen.ts";
import { ARCHITECTURES, isLittleEndian } from "../../../src/linux/arch.ts";
import { MULTIPLEXED_CALLS } from "../../../src/linux/seccomp.ts";
import { syscallRows } from "../../../src/linux/syscalls.ts";
import { compileSeccomp } from "../../../src/seccomp/compile-seccomp.ts";
import { defaultSeccompProfile } from "../../../src/seccomp/default-profile.ts";
import { BpfSimulator, type SimulatedCall } from "../../helpers/bpf-simulator.ts";
import { type Libseccomp, loadLibseccomp } from "../../helpers/libseccomp.ts";
import { boundaryCalls, everyNumber, PROBED_ARCHES, syscallNumber } from "./probe-calls.ts";
import { comparableConfig, orderlessConfig, Random } from "./random-config.ts";
import { ReferenceFilter } from "./reference-filter.ts";

/** Other configs than the usual ones, or more of them, are made with these. */
const seed = Number(process.env.SECCOMP_TEST_SEED ?? 1);
const configs = Number(process.env.SECCOMP_TEST_CONFIGS ?? 1000);

const loaded = loadLibseccomp();
const libseccomp = typeof loaded === "string" ? undefined : loaded;
after(() => libseccomp?.close());

describe("compileSeccomp agrees with libseccomp", { skip: typeof loaded === "string" ? loaded : false }, () => {
  const names = libseccomp === undefined ? [] : comparableNames(libseccomp, PROBED_ARCHES);

  test("on the numbers of every system call that libseccomp knows", () => {
    assert.ok(names.length > 450, `${names.length} names`);
  });

  test("on mydocker's default profile", () => {
    for (const native of ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"] as const) {
      for (const capabilities of [[], ["CAP_SYS_ADMIN"], ["CAP_SYS_TIME", "CAP_SYS_PTRACE", "CAP_BPF"]]) {
        compare(withNames(defaultSeccompProfile(native, capabilities), names), native, "the default profile");
      }
    }
  });

  for (const arch of Object.keys(ARCHITECTURES)) {
    const known = libseccomp === undefined ? [] : comparableNames(libseccomp, [arch]);
    test(`on a part of the default profile for ${arch}`, {
      skip: known.length === 0 && "libseccomp does not know it",
    }, () => {
      compareNatively(arch, known);
    });
  }

  test(`on ${configs} random configs from seed ${seed}`, () => {
    let refused = 0;
    for (let number = 0; number < configs; number++) {
      const { seccomp, native } = comparableConfig(new Random(seed + number), withoutCarriers(names));
      if (!compare(seccomp, native, `SECCOMP_TEST_SEED=${seed + number} SECCOMP_TEST_CONFIGS=1`)) refused += 1;
    }
    assert.ok(refused < configs / 5, `${refused} of ${configs} configs were refused`);
  });
});

describe("compileSeccomp agrees with a plain evaluation of the rules", () => {
  const names = withoutCarriers([...syscallRows().keys()]);
  const count = Math.ceil(configs / 10);

  test(`on ${count} random configs from seed ${seed}`, () => {
    for (let number = 0; number < count; number++) {
      const { seccomp, native } = orderlessConfig(new Random(seed + number), names);
      const ours = compileSeccomp(seccomp, { native, enosysStub: false });
      const program = new BpfSimulator(Buffer.from(ours.instructions, "hex"));
      const label = `SECCOMP_TEST_SEED=${seed + number} SECCOMP_TEST_CONFIGS=1`;
      compareCalls(boundaryCalls(seccomp), program, new ReferenceFilter(seccomp, native), label);
    }
  });
});

/** socketcall and ipc get rules from the calls that they can carry, which random ones of their own would run into. */
function withoutCarriers(names: readonly string[]): readonly string[] {
  return names.filter((name) => !(name in MULTIPLEXED_CALLS));
}

/** Names that libseccomp has the same numbers for, or none where we have none. It knows no system call newer than itself. */
function comparableNames(library: Libseccomp, arches: readonly string[]): readonly string[] {
  return [...syscallRows().keys()].filter((name) => arches.every((arch) => isComparable(library, arch, name)));
}

/** Where a call can be carried by another one libseccomp gives it a negative number, and keeps its own to itself. */
function isComparable(library: Libseccomp, arch: string, name: string): boolean {
  const theirs = library.resolve(arch, name);
  const ours = syscallNumber(arch, name);
  if (theirs === undefined) return false;
  if (theirs >= 0 && ours !== undefined) assert.equal(theirs, ours, `the number of ${name} on ${arch}`);
  const isMultiplexed = ARCHITECTURES[arch]?.isMultiplexed === true;
  const isCarried = isMultiplexed && Object.values(MULTIPLEXED_CALLS).some((calls) => name in calls);
  return isCarried || theirs >= 0 === (ours !== undefined);
}

function withNames(seccomp: Seccomp, known: readonly string[]): Seccomp {
  const syscalls = (seccomp.syscalls ?? []).map((entry) => ({
    ...entry,
    names: entry.names.filter((name) => known.includes(name)),
  }));
  return { ...seccomp, syscalls: syscalls.filter(({ names }) => names.length > 0) };
}

/**
 * Compares filters for one architecture as if it were this machine's, with its own byte order. They are short: where a
 * jump is long libseccomp copies a return, and on a machine with the other byte order turns its bytes round twice.
 */
function compareNatively(arch: string, known: readonly string[]): void {
  const facts = ARCHITECTURES[arch];
  assert.ok(libseccomp !== undefined && facts !== undefined);
  const profile = defaultSeccompProfile(arch as SeccompArch); // a key of the table of architectures
  const conditional = ["clone", "personality", "socket"];
  const some = known.filter((name, index) => index % 4 === 0 || conditional.includes(name));
  const seccomp = { ...withNames(profile, some), architectures: [] };
  const theirs = libseccomp.compile(seccomp, arch);
  const ours = compiled(seccomp, arch);
  assert.ok("program" in theirs && ours !== undefined);
  const filters = [ours, theirs.program].map((program) => new BpfSimulator(program, isLittleEndian(facts)));
  const calls = Array.from({ length: 600 }, (_, nr) => ({ nr: (facts.base ?? 0) + nr, arch: facts.audit }));
  const values = [0n, 1n, 8n, 38n, 39n, 40n, 41n, 0x10000000n, 0x7e020000n, 0xffffffffn, 0x100000027n];
  const withArguments = calls.flatMap((call) => values.map((value) => ({ ...call, args: [value, value] })));
  const [one, other] = filters;
  if (one && other) compareCalls(withArguments, one, other, arch);
}

/** Returns false where both refuse the config. */
function compare(seccomp: Seccomp, native: string, label: string): boolean {
  assert.ok(libseccomp !== undefined);
  const theirs = libseccomp.compile(seccomp, native);
  const ours = compiled(seccomp, native);
  assert.equal(ours === undefined, "errno" in theirs, `${label}: only one of the two refuses the config`);
  if (ours === undefined || "errno" in theirs) return false;
  const [one, other] = [new BpfSimulator(ours), new BpfSimulator(theirs.program)];
  compareCalls(everyNumber(), one, other, label);
  compareCalls(boundaryCalls(seccomp), one, other, label);
  return true;
}

function compiled(seccomp: Seccomp, native: string): Uint8Array | undefined {
  try {
    return Buffer.from(compileSeccomp(seccomp, { native, enosysStub: false }).instructions, "hex");
  } catch (error) {
    assert.ok(error instanceof ConfigError && error.problems.some(({ code }) => code === "SECCOMP_CONFLICT"));
    return undefined;
  }
}

interface Filter {
  run(call: SimulatedCall): number;
}

function compareCalls(calls: Iterable<SimulatedCall>, ours: Filter, theirs: Filter, label: string): void {
  for (const call of calls) {
    const [one, other] = [ours.run(call), theirs.run(call)];
    if (one !== other) assert.fail(`${label}: ${shown(call)} gives 0x${one.toString(16)}, not 0x${other.toString(16)}`);
  }
}

function shown(call: SimulatedCall): string {
  return JSON.stringify(call, (_key, value) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value));
}
