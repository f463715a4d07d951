import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { brokenImportRule } from "../../../src/tools/import-rules.ts";

const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ["plan/build.ts", "plan/step.ts"],
  ["plan/parts/root.ts", "linux/errno.ts"],
  ["sys/ffi.ts", "koffi"],
  ["sys/files.ts", "node:fs"],
  ["cli/program.ts", "runtime/index.ts"],
  ["cli/program.ts", "base/errors.ts"],
  ["engine/network/bridge.ts", "sys/netlink.ts"],
  ["tools/generate.ts", "plan/op-table.ts"],
  ["config/load.ts", "ajv"],
];

const REFUSED: readonly (readonly [from: string, to: string])[] = [
  ["base/errors.ts", "linux/errno.ts"],
  ["plan/build.ts", "sys/files.ts"],
  ["seccomp/assemble.ts", "cgroup/target.ts"],
  ["plan/build.ts", "node:fs"],
  ["config/load.ts", "bun:ffi"],
  ["sys/netlink.ts", "koffi"],
  ["cli/program.ts", "runtime/create.ts"],
  ["cli/program.ts", "state/store.ts"],
  ["engine/run.ts", "runtime/create.ts"],
  ["runtime/create.ts", "bin/mydocker.ts"],
  ["bin/mydocker.ts", "tools/build.ts"],
  ["other/file.ts", "base/errors.ts"],
];

describe("brokenImportRule", () => {
  for (const [from, to] of ALLOWED) {
    it(`allows ${from} to import ${to}`, () => {
      assert.equal(brokenImportRule({ from, to, isTypeOnly: false }), undefined);
    });
  }
  for (const [from, to] of REFUSED) {
    it(`refuses that ${from} imports ${to}`, () => {
      assert.notEqual(brokenImportRule({ from, to, isTypeOnly: false }), undefined);
    });
  }
  it("allows a pure folder the types of node", () => {
    assert.equal(brokenImportRule({ from: "plan/build.ts", to: "node:fs", isTypeOnly: true }), undefined);
  });
});
