import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { opAction, showOp } from "../../../src/plan/describe.ts";
import { OP_TABLE, type Op, type OpName } from "../../../src/plan/op-table.ts";
import { printPlan } from "../../../src/plan/print.ts";
import type { Plan } from "../../../src/plan/step.ts";

const PLAN: Plan = {
  verb: "create",
  id: "box",
  steps: [
    { at: "parent", from: { implied: "runtime.md#errors" }, op: { op: "journal.open", path: "/j" } },
    { at: "init", from: { config: "/process/capabilities" }, op: { op: "caps.bounding", keep: 2n ** 40n } },
    { at: "init", from: { flag: "--no-pivot" }, op: { op: "root.move", hidden: ["/proc"] } },
  ],
};

describe("printPlan", () => {
  it("prints a line for each step: number, process, operation, what it does, where it comes from", () => {
    assert.deepEqual(printPlan(PLAN, "text").split("\n"), [
      "1 parent       journal.open       /j                                                       ← implied runtime.md#errors",
      "2 init         caps.bounding      CAP_CHECKPOINT_RESTORE                                   ← /process/capabilities",
      "3 init         root.move          without /proc                                            ← --no-pivot",
      "",
    ]);
  });

  it("prints JSON with all arguments, and with numbers beyond doubles as strings", () => {
    assert.deepEqual(JSON.parse(printPlan(PLAN, "json")), {
      verb: "create",
      id: "box",
      steps: [
        { step: 1, at: "parent", op: "journal.open", path: "/j", from: "implied runtime.md#errors" },
        { step: 2, at: "init", op: "caps.bounding", keep: "1099511627776", from: "/process/capabilities" },
        { step: 3, at: "init", op: "root.move", hidden: ["/proc"], from: "--no-pivot" },
      ],
    });
  });

  it("keeps a step on its line, whatever its values hold", () => {
    const op: Op = { op: "sysctl.write", path: "/proc/sys/x", value: "a\nb\n" };
    const steps = [
      { at: "init", from: { config: "" }, op },
      { at: "init", from: { config: "" }, op: { op: "exec", args: ["echo", "a\n← /mounts/0", "$&"], env: [] } },
    ] as const;
    const lines = printPlan({ ...PLAN, steps }, "text")
      .trimEnd()
      .split("\n");
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? "", /echo "a\\n← \/mounts\/0" "\$&"/);
  });
});

const ATTACH: Op = {
  op: "mount.attach",
  slot: 2,
  source: "/s",
  target: "/t",
  attrSet: 0x1 | 0x2 | 0x80,
  attrClear: 0,
  recursiveSet: 0x4,
  recursiveClear: 0,
  propagation: [String(1 << 18), String((1 << 19) | 0x4000)],
  flags: 0,
};

const SHOWN: readonly (readonly [Op, string])[] = [
  [{ op: "child.clone", flags: 0x20020000, stage: "init", cgroup: 0 }, "init CLONE_NEWNS|CLONE_NEWPID"],
  [{ op: "mount.propagation", path: "/", flags: (1 << 20) | 0x4000 }, "/ rshared"],
  [ATTACH, "/s → /t ro,nosuid,nodiratime rnodev private,rslave"],
  [
    {
      op: "mount.classic",
      type: "tmpfs",
      source: "t",
      target: "/t",
      data: "size=1m",
      mountFlags: 0x8 | 0x8000,
      propagation: [],
      flags: 0,
    },
    "tmpfs → /t noexec,silent size=1m",
  ],
  [{ op: "mount.attr", target: "/t", attrSet: 0x1, attrClear: 0, recursive: 1, propagation: [] }, "/t ro recursively"],
  [{ op: "caps.bounding", keep: 0n }, "none"],
  [{ op: "caps.bounding", keep: (1n << 5n) | (1n << 40n) }, "CAP_KILL,CAP_CHECKPOINT_RESTORE"],
  [{ op: "umask", mask: 0o22 }, "022"],
  [{ op: "rlimit.set", resource: 7, soft: 1, hard: 2 }, "RLIMIT_NOFILE 1:2"],
  [{ op: "seccomp.load", flags: 0, program: "0".repeat(32), listener: 0 }, "2 BPF instructions"],
  [{ op: "idmap.write", uidMap: "0 1 2\n3 4 5\n", gidMap: "0 1 2\n", denySetgroups: 0 }, "uid 0 1 2, 3 4 5 gid 0 1 2"],
  [{ op: "exec", args: ["sh", "-c", "echo hi"], env: [] }, 'sh -c "echo hi"'],
  [{ op: "root.pivot" }, ""],
];

describe("showOp", () => {
  for (const [op, shown] of SHOWN) {
    it(`shows ${op.op} as ${JSON.stringify(shown)}`, () => assert.equal(showOp(op), shown));
  }
});

describe("opAction", () => {
  it("continues a sentence that begins with Cannot", () => {
    assert.equal(opAction(ATTACH), 'mount "/s" at "/t"');
    assert.equal(opAction({ op: "rlimit.set", resource: 7, soft: 1, hard: 2 }), "set RLIMIT_NOFILE to 1:2");
  });

  for (const [name, { args, show, action, source }] of Object.entries(OP_TABLE)) {
    it(`names only arguments of ${name as OpName}, in words`, () => {
      const named = [...`${show} ${action}`.matchAll(/\{(\w+)/g)].map(([, argument]) => argument ?? "");
      assert.deepEqual(
        named.filter((argument) => !Object.hasOwn(args, argument)),
        [],
      );
      assert.match(action, /^[a-z]/);
      assert.match(source, /^[A-Z_a-z/.-]+(\(\dconst\)|\(\d\)|\.md)/);
    });
  }
});
