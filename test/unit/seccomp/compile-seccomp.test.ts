import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SeccompAction, SeccompArg } from "../../../src/config/types.gen.ts";
import { compileSeccomp } from "../../../src/seccomp/compile-seccomp.ts";
import { ALLOW, allowing, EPERM, Filter, KILL, on, rule, withRules } from "./simulated-filter.ts";

describe("compileSeccomp returns each action", () => {
  const actions: readonly (readonly [SeccompAction, number | undefined, number])[] = [
    ["SCMP_ACT_KILL", undefined, 0],
    ["SCMP_ACT_KILL_THREAD", undefined, 0],
    ["SCMP_ACT_KILL_PROCESS", undefined, 0x80000000],
    ["SCMP_ACT_TRAP", undefined, 0x00030000],
    ["SCMP_ACT_ERRNO", undefined, EPERM],
    ["SCMP_ACT_ERRNO", 0, 0x00050000],
    ["SCMP_ACT_ERRNO", 4095, 0x00050fff],
    ["SCMP_ACT_ERRNO", 70000, 0x00050fff],
    ["SCMP_ACT_TRACE", undefined, 0x7ff00001],
    ["SCMP_ACT_TRACE", 65535, 0x7ff0ffff],
    ["SCMP_ACT_LOG", undefined, 0x7ffc0000],
    ["SCMP_ACT_NOTIFY", undefined, 0x7fc00000],
    ["SCMP_ACT_ALLOW", undefined, ALLOW],
  ];
  for (const [action, errno, expected] of actions) {
    test(`${action} with errnoRet ${errno}`, () => {
      const errnoRet = errno === undefined ? {} : { errnoRet: errno };
      const other = action === "SCMP_ACT_ALLOW" ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW";
      const syscalls = [{ names: ["getpid"], action, ...errnoRet }];
      assert.equal(new Filter({ defaultAction: other, syscalls }).call("getpid"), expected);
      const defaults = { defaultAction: action, ...(errno !== undefined && { defaultErrnoRet: errno }) };
      assert.equal(new Filter(defaults).call("getpid"), expected);
    });
  }
});

describe("compileSeccomp compares arguments of 64 bits, unsigned", () => {
  const big = 0x1_0000_0005n;
  const cases: readonly (readonly [SeccompArg, readonly bigint[], readonly bigint[]])[] = [
    [on(0, "SCMP_CMP_EQ", big), [big], [5n, big - 1n, big + 1n, 0x2_0000_0005n]],
    [on(0, "SCMP_CMP_NE", big), [5n, big - 1n, 0x2_0000_0005n], [big]],
    [on(0, "SCMP_CMP_GT", big), [big + 1n, 0x2_0000_0000n, 2n ** 64n - 1n], [big, 6n, 0xffff_ffffn]],
    [on(0, "SCMP_CMP_GE", big), [big, 0x2_0000_0000n], [big - 1n, 6n]],
    [on(0, "SCMP_CMP_LT", big), [big - 1n, 6n, 0n], [big, 0x2_0000_0000n, 2n ** 64n - 1n]],
    [on(0, "SCMP_CMP_LE", big), [big, 6n], [big + 1n, 0x2_0000_0000n]],
    [
      on(0, "SCMP_CMP_MASKED_EQ", 0xf_0000_00f0n, 0x1_0000_0010n),
      [0x1_0000_0010n, 0x31_0000_001fn],
      [0x10n, 0x1_0000_0020n],
    ],
    [on(0, "SCMP_CMP_MASKED_EQ", 0xf0, 0xff), [0xf0n, 0x1_0000_00f0n], [0xffn & ~0x10n]],
    [on(0, "SCMP_CMP_MASKED_EQ", 0x7e020000), [0n, 0x11n, 1n << 40n], [0x20000n, 0x40000011n]],
    [on(0, "SCMP_CMP_MASKED_EQ", 0, 5), [0n, 77n], []],
    [on(5, "SCMP_CMP_EQ", 2n ** 64n - 1n), [], [0n, 2n ** 63n]],
  ];
  for (const [arg, met, unmet] of cases) {
    test(`${arg.op} ${arg.value} ${arg.valueTwo ?? ""} on argument ${arg.index}`, () => {
      const filter = new Filter(withRules(rule("ioctl", "SCMP_ACT_ALLOW", arg)));
      for (const value of met) assert.equal(filter.call("ioctl", [value]), ALLOW, `${value}`);
      for (const value of unmet) assert.equal(filter.call("ioctl", [value]), EPERM, `${value}`);
    });
  }

  test("and takes every argument from its own place", () => {
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const filter = new Filter(withRules(rule("ioctl", "SCMP_ACT_ALLOW", on(index, "SCMP_CMP_EQ", big))));
      const args = Array.from({ length: 6 }, () => 0n);
      assert.equal(filter.call("ioctl", args), EPERM);
      assert.equal(filter.call("ioctl", args.with(index, big)), ALLOW);
    }
  });

  test("and takes a number that was rounded up to 2^64 for the largest one", () => {
    const filter = new Filter(withRules(rule("ioctl", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 2 ** 64))));
    assert.equal(filter.call("ioctl", [2n ** 64n - 1n]), ALLOW);
    assert.equal(filter.call("ioctl", [0n]), EPERM);
  });

  test("but only the lower half where arguments have 32 bits", () => {
    const seccomp = { ...withRules(rule("ioctl", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 2n ** 64n - 1n))) };
    const filter = new Filter({ ...seccomp, architectures: ["SCMP_ARCH_X86"] });
    assert.equal(filter.call("ioctl", [0xffff_ffffn], "SCMP_ARCH_X86"), ALLOW);
    assert.equal(filter.call("ioctl", [0xffff_ffffn]), EPERM);
  });
});

describe("compileSeccomp combines rules", () => {
  test("conditions of an entry must all be met", () => {
    const both = [on(2, "SCMP_CMP_EQ", 3), on(0, "SCMP_CMP_EQ", 1)];
    const filter = new Filter(withRules(rule("ioctl", "SCMP_ACT_ALLOW", ...both)));
    assert.equal(filter.call("ioctl", [1n, 0n, 3n]), ALLOW);
    assert.equal(filter.call("ioctl", [1n]), EPERM);
    assert.equal(filter.call("ioctl", [0n, 0n, 3n]), EPERM);
  });

  test("conditions of an entry on the same argument are alternatives", () => {
    const filter = new Filter(
      withRules(rule("ioctl", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 1), on(0, "SCMP_CMP_EQ", 2))),
    );
    assert.deepEqual(
      [0n, 1n, 2n, 3n].map((value) => filter.call("ioctl", [value]) === ALLOW),
      [false, true, true, false],
    );
  });

  test("an empty list of conditions means always", () => {
    assert.equal(new Filter(withRules(rule("ioctl", "SCMP_ACT_ALLOW"))).call("ioctl", [5n]), ALLOW);
  });

  test("a rule without conditions wins over those with some, and the first of several over the others", () => {
    const conditional = rule("ioctl", "SCMP_ACT_LOG", on(0, "SCMP_CMP_EQ", 1));
    const filter = new Filter(withRules(conditional, rule("ioctl", "SCMP_ACT_ALLOW"), rule("ioctl", "SCMP_ACT_TRAP")));
    assert.equal(filter.call("ioctl", [1n]), ALLOW);
  });

  test("a rule with the default action does not hide others", () => {
    const same = rule("ioctl", "SCMP_ACT_ERRNO");
    const filter = new Filter(withRules(same, rule("ioctl", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 1))));
    assert.equal(filter.call("ioctl", [1n]), ALLOW);
  });
});

describe("compileSeccomp tells architectures apart", () => {
  const seccomp = allowing("read");

  test("the native one is always there, others kill the thread", () => {
    const filter = new Filter({ ...seccomp, architectures: ["SCMP_ARCH_X86"] });
    assert.equal(filter.call("read"), ALLOW);
    assert.equal(filter.call("read", [], "SCMP_ARCH_X86"), ALLOW);
    assert.equal(filter.call("read", [], "SCMP_ARCH_X32"), KILL);
    assert.equal(filter.call("read", [], "SCMP_ARCH_AARCH64"), KILL);
  });

  test("x32 is part of x86_64 only where it is listed, and -1 is a call that a tracer skips", () => {
    const without = new Filter(seccomp, { enosysStub: false });
    assert.equal(without.number(0x40000000), KILL);
    assert.equal(without.number(0xfffffffe), KILL);
    assert.equal(without.number(0xffffffff), EPERM);
    const withX32 = new Filter({ ...seccomp, architectures: ["SCMP_ARCH_X32"] }, { enosysStub: false });
    assert.equal(withX32.number(0x40000000), ALLOW);
    assert.equal(withX32.number(0x40000001), EPERM);
  });

  test("socket calls are also checked where socketcall and ipc carry them", () => {
    const filter = new Filter({ ...allowing("connect", "shmget"), architectures: ["SCMP_ARCH_X86"] });
    assert.equal(filter.call("socketcall", [3n], "SCMP_ARCH_X86"), ALLOW);
    assert.equal(filter.call("socketcall", [2n], "SCMP_ARCH_X86"), EPERM);
    assert.equal(filter.call("ipc", [23n], "SCMP_ARCH_X86"), ALLOW);
    assert.equal(filter.call("ipc", [24n], "SCMP_ARCH_X86"), EPERM);
    assert.equal(filter.call("connect", [], "SCMP_ARCH_X86"), ALLOW);
  });

  test("two names of one number share their rules", () => {
    const one = rule("arm_sync_file_range", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 1));
    const other = rule("sync_file_range2", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 2));
    const filter = new Filter(withRules(other, one), { native: "SCMP_ARCH_ARM" });
    assert.deepEqual(
      [1n, 2n, 3n].map((value) => filter.call("sync_file_range2", [value], "SCMP_ARCH_ARM")),
      [ALLOW, ALLOW, EPERM],
    );
  });

  test("instructions have the native byte order", () => {
    const little = compileSeccomp(seccomp, { native: "SCMP_ARCH_AARCH64" }).instructions;
    const big = compileSeccomp(seccomp, { native: "SCMP_ARCH_S390X" }).instructions;
    assert.equal(little.slice(0, 16), "2000000004000000");
    assert.equal(big.slice(0, 16), "0020000000000004");
  });
});
