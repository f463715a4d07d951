import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Config } from "../../../src/config/types.gen.ts";
import { buildRestorePlan, type RestoreInput } from "../../../src/plan/build-restore.ts";
import { checkPlan } from "../../../src/plan/check.ts";
import type { Op } from "../../../src/plan/op-table.ts";
import { UNIFIED_HOST, V1_HOST } from "../../../src/tools/fixed-hosts.ts";

const CONFIG: Config = {
  ociVersion: "1.3.0",
  root: { path: "rootfs" },
  process: { cwd: "/", args: ["init"], user: { uid: 0, gid: 0 } },
  hooks: { poststart: [{ path: "/bin/started" }], poststop: [{ path: "/bin/stopped" }] },
  linux: { namespaces: [{ type: "pid" }, { type: "mount" }, { type: "network", path: "/run/netns/a" }] },
};

const INPUT: RestoreInput = {
  verb: "run",
  id: "box",
  config: CONFIG,
  host: UNIFIED_HOST,
  bundle: "/bundle",
  rootfs: "/bundle/rootfs",
  stateDirectory: "/state/box",
  renderState: ({ v2 }) => ({ beforePid: "{", betweenPidAndStart: ",", afterStart: `${v2}}` }),
  detach: false,
  keep: false,
  noPivot: false,
  noNewKeyring: false,
  preserveFds: 0,
  pidFile: "/pid",
  criu: {
    program: "/usr/sbin/criu",
    args: ({ v2 }) => ["restore", "--cgroup-root", `${v2}`],
    pidFile: "/state/box/criu.pid",
    logFile: "/images/restore.log",
    namespaces: ["/run/netns/a"],
  },
};

describe("buildRestorePlan", () => {
  it("makes the cgroups, lets criu make the processes, and takes over the first of them", () => {
    const { steps } = buildRestorePlan(INPUT).plan;
    const at = (stage: string) => steps.filter((step) => step.at === stage).map(({ op }) => op);
    assert.deepEqual(
      at("intermediate").map(({ op }) => op),
      ["slot.close", "ns.unshare", "mount.propagation", "root.attach", "criu.run"],
    );
    const [run] = at("intermediate").slice(-1);
    const namespace = at("parent").find((op): op is Extract<Op, { op: "ns.open" }> => op.op === "ns.open");
    assert.deepEqual(run, {
      op: "criu.run",
      program: "/usr/sbin/criu",
      args: ["restore", "--cgroup-root", "/sys/fs/cgroup/box"],
      slots: [String(namespace?.slot)],
    });
    const names = at("parent").map((op) => (op.op === "hook.run" ? op.kind : op.op));
    assert.deepEqual(names.slice(names.indexOf("child.clone")), [
      "child.clone",
      "criu.adopt",
      "state.write",
      "pidfile.write",
      "poststart",
      "slot.close",
      "child.wait_exit",
      "lock.take",
      "cgroup.rmdir",
      "state.remove",
      "poststop",
    ]);
  });

  it("ends with the poststart hooks when detached", () => {
    const { steps } = buildRestorePlan({ ...INPUT, detach: true }).plan;
    assert.equal(steps.at(-1)?.op.op, "hook.run");
  });

  it("obeys the laws of order on every kind of host", () => {
    for (const host of [UNIFIED_HOST, V1_HOST]) {
      for (const detach of [true, false]) checkPlan(buildRestorePlan({ ...INPUT, host, detach }).plan);
    }
  });
});
