import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SeccompAction } from "../../../src/config/types.gen.ts";
import { syscallNumber } from "./probe-calls.ts";
import { ALLOW, allowing, ENOSYS, EPERM, Filter, on, rule, withRules, X86_64 } from "./simulated-filter.ts";

/** openat2 is number 437 on x86_64. */
const NEWEST = syscallNumber(X86_64, "openat2") ?? 0;

describe("compileSeccomp answers ENOSYS to calls newer than the newest in the config", () => {
  test("and the default action to older ones", () => {
    const filter = new Filter(allowing("read", "openat2"));
    assert.equal(filter.number(NEWEST), ALLOW);
    assert.equal(filter.number(NEWEST + 1), ENOSYS);
    assert.equal(filter.number(1000), ENOSYS);
    assert.equal(filter.number(NEWEST - 1), EPERM);
  });

  test("for each architecture by its own numbers", () => {
    const filter = new Filter({ ...allowing("chown32", "exit"), architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] });
    const exit = syscallNumber(X86_64, "exit") ?? 0;
    const chown32 = syscallNumber("SCMP_ARCH_X86", "chown32") ?? 0;
    assert.equal(filter.number(exit + 1), ENOSYS);
    assert.equal(filter.number(chown32, [], "SCMP_ARCH_X86"), ALLOW);
    assert.equal(filter.number(chown32 - 1, [], "SCMP_ARCH_X86"), EPERM);
    assert.equal(filter.number(chown32 + 1, [], "SCMP_ARCH_X86"), ENOSYS);
    assert.equal(filter.number(0x40000000 + exit + 1), ENOSYS);
    assert.equal(filter.number(0xffffffff), ENOSYS);
  });

  test("where x32 is no part of the filter, but not instead of what happens to it", () => {
    const filter = new Filter(allowing("read"));
    assert.equal(filter.number(0x3fffffff), ENOSYS);
    assert.equal(filter.number(0x40000000), 0);
    assert.equal(filter.number(0xffffffff), EPERM);
  });

  test("counting what is named by a rule that repeats the default action, or only on conditions", () => {
    const same = rule("openat2", "SCMP_ACT_ERRNO");
    assert.equal(new Filter(withRules(same)).number(NEWEST + 1), ENOSYS);
    assert.equal(new Filter(withRules(same)).number(NEWEST), EPERM);
    const conditional = rule("openat2", "SCMP_ACT_ALLOW", on(0, "SCMP_CMP_EQ", 1));
    assert.equal(new Filter(withRules(conditional)).number(NEWEST), EPERM);
  });

  test("counting the call that carries another one", () => {
    const filter = new Filter({ ...allowing("accept"), architectures: ["SCMP_ARCH_X86"] });
    assert.equal(filter.call("socketcall", [5n], "SCMP_ARCH_X86"), ALLOW);
    assert.equal(filter.call("socketcall", [6n], "SCMP_ARCH_X86"), EPERM);
  });

  test("but not on an architecture that the config names no call of", () => {
    const filter = new Filter({ ...allowing("chown32"), architectures: ["SCMP_ARCH_X86"] });
    assert.equal(filter.number(1000), EPERM);
  });

  test("by the number that ENOSYS has there", () => {
    assert.equal(
      new Filter(allowing("read"), { native: "SCMP_ARCH_MIPSEL64" }).number(5001, [], "SCMP_ARCH_MIPSEL64"),
      0x50059,
    );
  });

  test("also to number 0 of s390, under which unknown calls appear", () => {
    const program = new Filter(allowing("exit", "read"), { native: "SCMP_ARCH_S390X" });
    assert.equal(program.number(0, [], "SCMP_ARCH_S390X"), ENOSYS);
    assert.equal(program.number(1, [], "SCMP_ARCH_S390X"), ALLOW);
    assert.equal(program.number(2, [], "SCMP_ARCH_S390X"), EPERM);
  });

  test("unless the stub is turned off", () => {
    assert.equal(new Filter(allowing("read"), { enosysStub: false }).number(1000), EPERM);
  });

  const cases: readonly (readonly [SeccompAction, number])[] = [
    ["SCMP_ACT_ALLOW", ALLOW],
    ["SCMP_ACT_LOG", 0x7ffc0000],
    ["SCMP_ACT_TRACE", 0x7ff00001],
    ["SCMP_ACT_KILL", ENOSYS],
    ["SCMP_ACT_KILL_PROCESS", ENOSYS],
    ["SCMP_ACT_TRAP", ENOSYS],
  ];
  for (const [defaultAction, expected] of cases) {
    test(`with the default action ${defaultAction}: ${expected === ENOSYS}`, () => {
      const syscalls = [rule("read", defaultAction === "SCMP_ACT_ALLOW" ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW")];
      assert.equal(new Filter({ defaultAction, syscalls }).number(1000), expected);
    });
  }
});
