import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlanInput } from "../../../../src/plan/plan-input.ts";
import { V1_HOST } from "../../../../src/tools/fixed-hosts.ts";
import { build, type Fragment, linesFrom, opsOf } from "../plan-of.ts";

type Process = NonNullable<Fragment["process"]>;

interface Case {
  readonly what: string;
  readonly process: Process;
  readonly more?: Partial<PlanInput>;
  readonly lines: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: "as little as it must be, with no capabilities and the usual umask",
    process: {},
    lines: [
      "init stdio.owner 0",
      "init cwd /",
      "init caps.bounding none",
      "init user.groups",
      "init user.set 0:0",
      "init umask 022",
      "init exec.find true",
      "init fds.inherit 0-2 and 0 more",
      "init caps.set effective none",
      "init exec true",
    ],
  },
  {
    what: "another user, with groups and umask, who gains no privileges",
    process: { user: { uid: 7, gid: 8, umask: 0o77, additionalGids: [1, 2] }, noNewPrivileges: true, cwd: "/srv" },
    lines: [
      "init stdio.owner 7",
      "init no_new_privs",
      "init cwd /srv",
      "init caps.bounding none",
      "init user.groups 1 2",
      "init user.set 7:8",
      "init umask 077",
      "init exec.find true",
      "init fds.inherit 0-2 and 0 more",
      "init caps.set effective none",
      "init exec true",
    ],
  },
];

describe("a process", () => {
  for (const { what, process, more, lines } of CASES) {
    it(`is prepared ${what}`, () => assert.deepEqual(linesFrom("/process", { process }, more), lines));
  }

  it("has limits that JSON numbers cannot hold exactly", () => {
    const rlimits = [
      { type: "RLIMIT_NOFILE" as const, soft: 1, hard: 2 ** 64 },
      { type: "RLIMIT_CORE" as const, soft: 0, hard: 0 },
    ];
    const limits = opsOf("rlimit.set", { process: { rlimits } }).map(({ op: _op, ...limit }) => limit);
    assert.deepEqual(limits, [
      { resource: 7, soft: 1n, hard: 2n ** 64n - 1n },
      { resource: 4, soft: 0n, hard: 0n },
    ]);
  });

  it("has an out-of-memory score only where the config has one: 0 is one", () => {
    assert.deepEqual(opsOf("oom.score_adj", { process: {} }), []);
    assert.deepEqual(opsOf("oom.score_adj", { process: { oomScoreAdj: 0 } }), [{ op: "oom.score_adj", value: "0" }]);
    assert.deepEqual(opsOf("oom.score_adj", { process: { oomScoreAdj: -5 } }), [{ op: "oom.score_adj", value: "-5" }]);
  });

  it("has the last value of a variable that is set twice, and no empty HOME", () => {
    const env = ["A=1", "B=2", "A=3", "HOME="];
    assert.deepEqual(
      opsOf("exec", { process: { env } }).map((op) => op.env),
      [["B=2", "A=3"]],
    );
  });

  it("is looked for in the last PATH of its own environment", () => {
    const find = (env: string[]) => opsOf("exec.find", { process: { env } }).map(({ path }) => path);
    assert.deepEqual(find(["PATH=/a", "PATH=/b:/c"]), ["/b:/c"]);
    assert.deepEqual(find(["XPATH=/a"]), [""]);
  });

  it("gets a HOME of the container's passwd where it has none", () => {
    const home = (env: string[]) => opsOf("env.home", { process: { user: { uid: 7, gid: 0 }, env } });
    assert.deepEqual(home([]), [{ op: "env.home", uid: 7 }]);
    assert.deepEqual(home(["HOME=/h"]), []);
  });

  it("inherits the descriptors that the caller has asked for", () => {
    const { steps } = build({}, { preserveFds: 2 }).plan;
    const step = steps.find(({ op }) => op.op === "fds.inherit");
    assert.deepEqual(step, { at: "init", from: { flag: "--preserve-fds" }, op: { op: "fds.inherit", count: 2 } });
  });

  it("is scheduled as the kernel's numbers say", () => {
    const scheduler = {
      policy: "SCHED_DEADLINE" as const,
      flags: ["SCHED_FLAG_RESET_ON_FORK" as const, "SCHED_FLAG_DL_OVERRUN" as const],
      runtime: 1000,
      deadline: 2000,
      period: 3000,
    };
    const ioPriority = { class: "IOPRIO_CLASS_BE" as const, priority: 6 };
    const fragment = {
      process: { scheduler, ioPriority },
      linux: { namespaces: [], personality: { domain: "LINUX32" as const } },
    };
    assert.deepEqual(opsOf("sched.set", fragment), [
      {
        op: "sched.set",
        policy: 6,
        nice: "0",
        priority: 0,
        flags: 0x01 | 0x04,
        runtime: 1000,
        deadline: 2000,
        period: 3000,
      },
    ]);
    assert.deepEqual(opsOf("io.priority", fragment), [{ op: "io.priority", value: (2 << 13) | 6 }]);
    assert.deepEqual(opsOf("personality", fragment), [{ op: "personality", value: 8 }]);
  });

  it("need not be there at all: such a container is created and cannot be started", () => {
    const config = {
      ociVersion: "1.3.0",
      root: { path: "rootfs" },
      linux: { namespaces: [{ type: "mount" as const }] },
    };
    const names = build({}, { verb: "create", config }).plan.steps.map(({ op }) => op.op);
    assert.deepEqual(names.slice(-3), ["sync.post", "sync.wait", "start.wait"]);
    assert.ok(!names.includes("user.set"));
  });
});

describe("grantedCapabilities", () => {
  const NET_ADMIN = 1n << 12n;
  const KILL = 1n << 5n;
  const sets = (names: string[]): NonNullable<Process["capabilities"]> => ({
    bounding: names,
    effective: names,
    permitted: names,
    inheritable: names,
    ambient: names,
  });

  it("sets a bit for each name, and the last capability too", () => {
    const [{ keep } = { keep: 0 }] = opsOf("caps.bounding", {
      process: { capabilities: { bounding: ["CAP_CHOWN", "CAP_SETFCAP", "CAP_CHECKPOINT_RESTORE"] } },
    });
    assert.equal(keep, (1n << 0n) | (1n << 31n) | (1n << 40n));
  });

  it("warns of what the caller cannot grant, set by set, and goes on without", () => {
    const fragment = { process: { capabilities: sets(["CAP_KILL", "CAP_NET_ADMIN"]) } };
    const { plan, warnings } = build(fragment, { host: { ...V1_HOST, capabilities: KILL } });
    const step = plan.steps.find(({ op }) => op.op === "caps.set");
    assert.deepEqual(step?.op, { op: "caps.set", effective: KILL, permitted: KILL, inheritable: KILL, ambient: KILL });
    assert.deepEqual(
      warnings.map(({ code, severity, pointer, value }) => [code, severity, pointer, value]),
      ["bounding", "effective", "permitted", "inheritable", "ambient"].map((set) => [
        "CAPABILITY_NOT_GRANTED",
        "warning",
        `/process/capabilities/${set}`,
        '["CAP_NET_ADMIN"]',
      ]),
    );
  });

  it("grants everything in a new user namespace", () => {
    const map = [{ containerID: 0, hostID: 1, size: 1 }];
    const linux: Fragment["linux"] = {
      namespaces: [{ type: "user" }, { type: "mount" }],
      uidMappings: map,
      gidMappings: map,
    };
    const fragment = { process: { capabilities: sets(["CAP_NET_ADMIN"]) }, linux };
    const { warnings } = build(fragment, { host: { ...V1_HOST, capabilities: 0n } });
    assert.deepEqual(warnings, []);
    assert.equal(opsOf("caps.set", fragment)[0]?.effective, NET_ADMIN);
  });

  it("leaves out of the ambient and effective sets what the kernel would refuse", () => {
    const capabilities = { permitted: ["CAP_KILL"], effective: ["CAP_KILL", "CAP_NET_ADMIN"], ambient: ["CAP_KILL"] };
    const [set] = opsOf("caps.set", { process: { capabilities } });
    assert.deepEqual(set, { op: "caps.set", effective: KILL, permitted: KILL, inheritable: 0n, ambient: 0n });
  });
});
