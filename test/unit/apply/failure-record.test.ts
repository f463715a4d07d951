import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFailureRecord, parseReport } from "../../../src/apply/failure-record.ts";
import { encodePlan } from "../../../src/plan/encode.ts";
import type { Op } from "../../../src/plan/op-table.ts";
import { OP_TABLE } from "../../../src/plan/op-table.ts";

const NAMES = Object.keys(OP_TABLE);

/** A record as native/report.c writes it, with the arguments as they lie in the image. */
function recordOf(op: Op, head: readonly string[] = ["failure", "7", "2", "open", "/etc/x", ""]): string {
  const plan = { verb: "run", id: "x", steps: [{ at: "init", op, from: { config: "/mounts/0" } }] } as const;
  // magic, ABI, number of steps, length of reportArgv; then opcode, stage and origin of the one step.
  const args = encodePlan(plan, [])
    .split("\0")
    .slice(4 + 3, -1);
  return `${[...head, String(NAMES.indexOf(op.op)), "2", "/mounts/0", ...args].join("\0")}\0`;
}

const OPS: readonly Op[] = [
  { op: "root.pivot" },
  { op: "cgroup.join", slot: 3n, path: "/sys/fs/cgroup/x" },
  { op: "exec", args: ["sh", "-c", ""], env: [] },
  {
    op: "hook.run",
    kind: "prestart",
    path: "/h",
    args: [],
    env: ["A=b", "C="],
    timeoutMs: 5n,
    stateBeforePid: "{",
    stateAfterPid: "}",
    mustSucceed: 1n,
    home: 0n,
    inheritsEnv: 0n,
    atRoot: 0n,
  },
  { op: "caps.set", effective: 0x1ffffffffffn, permitted: 2n ** 64n - 1n, inheritable: 0n, ambient: 0n },
  { op: "dev.symlink", path: "/dev/fd", target: "/proc/self/fd → \u00e9" },
];

describe("parseReport", () => {
  it("tells what follows from the failure, and its record", () => {
    const record = recordOf({ op: "root.pivot" });
    for (const kind of ["failure", "warning", "notice"]) {
      assert.deepEqual(parseReport(`${kind}\0${record}`), { kind, record: parseFailureRecord(record) });
    }
  });

  it("is undefined for anything else", () => {
    for (const text of ["", "failure", "failure\0", "failure\0other\0"]) assert.equal(parseReport(text), undefined);
  });
});

describe("parseFailureRecord", () => {
  for (const op of OPS) {
    it(`reads what the encoder wrote of ${op.op}`, () => {
      const record = parseFailureRecord(recordOf(op));
      assert.deepEqual(record, {
        step: 7,
        errno: 2,
        call: "open",
        detail: "/etc/x",
        note: "",
        opName: op.op,
        stage: "init",
        origin: "/mounts/0",
        op,
      });
    });
  }

  it("knows the operation also where its arguments were too long for a record", () => {
    const whole = recordOf({ op: "uts.hostname", name: "box" });
    const record = parseFailureRecord(whole.slice(0, whole.indexOf("box")));
    assert.equal(record?.opName, "uts.hostname");
    assert.equal(record?.op, undefined);
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["another message", "Bready"],
    ["a record of another operation table", ["failure", "1", "2", "open", "", "", "999", "2", "/", ""].join("\0")],
    ["a record without a place", "failure\x001\x002\0open\0"],
  ] as const) {
    it(`gives undefined for ${what}`, () => {
      assert.equal(parseFailureRecord(text), undefined);
    });
  }
});
