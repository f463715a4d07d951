import assert from "node:assert/strict";
import { test } from "node:test";
import type { CgroupWrite } from "../../../src/cgroup/cgroup-plan.ts";
import type { Restore } from "../../../src/cgroup/restore.ts";
import { restoreOf } from "../../../src/cgroup/restore.ts";

const from = { flag: "--resources" } as const;

test("restoreOf knows the form of every file that an update writes", () => {
  const cases: readonly [file: string, value: string, restore: Restore][] = [
    ["memory.limit_in_bytes", "100", { kind: "text" }],
    ["cpu.max", "1000 2000", { kind: "text" }],
    ["memory.oom_control", "1", { kind: "word", key: "oom_kill_disable" }],
    ["blkio.throttle.read_bps_device", "8:0 100", { kind: "line", key: "8:0", absent: "8:0 0" }],
    ["io.max", "8:0 rbps=1", { kind: "line", key: "8:0", absent: "8:0 rbps=max wbps=max riops=max wiops=max" }],
    ["io.bfq.weight", "100", { kind: "line", key: "default", absent: "default 100" }],
    ["io.weight", "8:0 100", { kind: "line", key: "8:0", absent: "8:0 default" }],
    ["rdma.max", "mlx hca_handle=1", { kind: "line", key: "mlx", absent: "mlx hca_handle=max hca_object=max" }],
    ["net_prio.ifpriomap", "lo 5", { kind: "line", key: "lo", absent: "lo 0" }],
    ["devices.allow", "c 1:3 r", { kind: "write", path: "/cg/devices.deny", value: "c 1:3 r" }],
    ["cgroup.subtree_control", "+memory", { kind: "nothing" }],
  ];
  for (const [file, value, restore] of cases) {
    assert.deepEqual(restoreOf({ kind: "write", path: `/cg/${file}`, value, when: "always", from }), restore, file);
  }
});

test("restoreOf puts a device program back and has nothing to do for a check", () => {
  const program: CgroupWrite = { kind: "deviceProgram", path: "/cg", program: "00", from };
  const check: CgroupWrite = { kind: "usageCheck", of: "memory", path: "/cg/memory.current", limitBytes: "1", from };
  assert.deepEqual([restoreOf(program), restoreOf(check)], [{ kind: "program" }, { kind: "nothing" }]);
});
