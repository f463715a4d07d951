import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RuntimeError } from "../../../src/base/errors.ts";
import { ConfigError } from "../../../src/base/problem.ts";
import type { Seccomp, SeccompFlag } from "../../../src/config/types.gen.ts";
import { compileSeccomp } from "../../../src/seccomp/compile-seccomp.ts";
import { allowing, on, problemsOf, rule, withRules, X86_64 } from "./simulated-filter.ts";

const SYSCALLS = "/linux/seccomp/syscalls";
const one = on(0, "SCMP_CMP_EQ", 1);
const two = on(1, "SCMP_CMP_EQ", 2);

describe("compileSeccomp reports", () => {
  const cases: Readonly<Record<string, readonly [Seccomp, readonly string[]]>> = {
    "nothing about a usual config": [allowing("read", "chown32", "arm_fadvise64_64"), []],
    "a system call that no architecture has": [
      allowing("read", "opnat2"),
      [`warning SECCOMP_SYSCALL ${SYSCALLS}/0/names/1`],
    ],
    "an errno that is too large": [
      { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 4096 },
      ["warning SECCOMP_ERRNO_RANGE /linux/seccomp/defaultErrnoRet"],
    ],
    "a message to a tracer that is too large": [
      withRules({ names: ["read"], action: "SCMP_ACT_TRACE", errnoRet: 65536 }),
      [`error SECCOMP_ERRNO_RANGE ${SYSCALLS}/0/errnoRet`],
    ],
    "an architecture of the other byte order": [
      { ...allowing("read"), architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_S390X"] },
      ["error SECCOMP_ARCH /linux/seccomp/architectures/1"],
    ],
    "the same conditions with two actions": [
      withRules(rule("ioctl", "SCMP_ACT_ALLOW", one), rule("ioctl", "SCMP_ACT_TRAP", one)),
      [`error SECCOMP_CONFLICT ${SYSCALLS}/1`],
    ],
    "a rule that takes calls of a stricter one before it": [
      withRules(rule("ioctl", "SCMP_ACT_TRAP", two, one), rule("ioctl", "SCMP_ACT_ALLOW", one)),
      [`error SECCOMP_CONFLICT ${SYSCALLS}/1`],
    ],
    "a rule that a general one before it makes useless": [
      withRules(rule("ioctl", "SCMP_ACT_ALLOW", one), rule("ioctl", "SCMP_ACT_TRAP", one, two)),
      [`warning SECCOMP_SHADOWED ${SYSCALLS}/1`],
    ],
    "rules that one without conditions makes useless": [
      withRules(rule("ioctl", "SCMP_ACT_TRAP", one), rule("ioctl", "SCMP_ACT_ALLOW"), rule("ioctl", "SCMP_ACT_LOG")),
      [`warning SECCOMP_SHADOWED ${SYSCALLS}/0`, `warning SECCOMP_SHADOWED ${SYSCALLS}/2`],
    ],
    "nothing about rules with one action": [
      withRules(
        rule("ioctl", "SCMP_ACT_ALLOW", one, two),
        rule("ioctl", "SCMP_ACT_ALLOW", one),
        rule("ioctl", "SCMP_ACT_ALLOW"),
      ),
      [],
    ],
    "nothing about a rule that never applied and is contradicted": [
      withRules(
        rule("ioctl", "SCMP_ACT_ALLOW", one),
        rule("ioctl", "SCMP_ACT_TRAP", one, two),
        rule("ioctl", "SCMP_ACT_ALLOW", one),
      ),
      [`warning SECCOMP_SHADOWED ${SYSCALLS}/1`],
    ],
    "a contradiction that appears where socketcall drops the first argument": [
      {
        ...withRules(
          rule("connect", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 1)),
          rule("connect", "SCMP_ACT_TRAP", on(0, "SCMP_CMP_EQ", 2)),
        ),
        architectures: ["SCMP_ARCH_X86"],
      },
      [`error SECCOMP_CONFLICT ${SYSCALLS}/1`],
    ],
  };
  for (const [name, [seccomp, expected]] of Object.entries(cases)) {
    test(name, () => assert.deepEqual(problemsOf(seccomp), expected));
  }

  test("a name that was meant", () => {
    const [warning] = compileSeccomp(allowing("opnat2"), { native: X86_64 }).warnings;
    assert.equal(warning?.value, '"opnat2"');
    assert.equal(warning?.fix, 'write "openat2"');
  });

  test("errors before warnings, in a ConfigError", () => {
    const seccomp = { ...allowing("opnat2"), architectures: ["SCMP_ARCH_S390X"] as const };
    assert.throws(
      () => compileSeccomp(seccomp, { native: X86_64 }),
      (error) =>
        error instanceof ConfigError &&
        error.details.pointer === "/linux/seccomp/architectures/0" &&
        error.problems.map(({ severity }) => severity).join() === "error,warning",
    );
  });

  test("a native architecture that the spec does not have", () => {
    assert.throws(
      () => compileSeccomp(allowing("read"), { native: "SCMP_ARCH_VAX" }),
      (error) => error instanceof RuntimeError && error.code === "ERR_NOT_SUPPORTED",
    );
  });
});

describe("compileSeccomp turns flags into numbers", () => {
  const useless = "warning SECCOMP_FLAG /linux/seccomp/flags/0";
  const cases: readonly (readonly [readonly SeccompFlag[] | undefined, boolean, number, readonly string[]])[] = [
    [undefined, false, 4, []],
    [[], false, 0, []],
    [["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"], false, 6, []],
    [["SECCOMP_FILTER_FLAG_TSYNC"], false, 0, [useless]],
    [["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"], false, 0, [useless]],
    [["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"], true, 40, []],
    [undefined, true, 12, []],
  ];
  for (const [flags, notifies, expected, problems] of cases) {
    test(`${flags?.join() ?? "none given"}${notifies ? " with SCMP_ACT_NOTIFY" : ""}: ${expected}`, () => {
      const syscalls = notifies ? [rule("mkdir", "SCMP_ACT_NOTIFY")] : [];
      const seccomp: Seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls, ...(flags !== undefined && { flags }) };
      const program = compileSeccomp(seccomp, { native: X86_64 });
      assert.equal(program.flags, expected);
      assert.equal(program.needsListener, notifies);
      assert.deepEqual(problemsOf(seccomp), problems);
    });
  }
});
