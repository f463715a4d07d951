import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroupMounts, UNIFIED } from "../../../../src/engine/container/cgroup-mounts.ts";

const HYBRID = `30 23 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
32 30 0:28 / /groups/cold rw shared:9 - cgroup cgroup rw,freezer
33 30 0:29 /part /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 30 0:29 / /sys/fs/cgroup/all rw - cgroup cgroup rw,memory,pids
35 30 0:30 / /sys/fs/cgroup/net_cls rw - tmpfs tmpfs rw
`;

test("cgroupMounts finds hierarchies by what is mounted, not by a name, and only whole ones", () => {
  const mounts = cgroupMounts(HYBRID);
  assert.equal(mounts.get(UNIFIED), "/sys/fs/cgroup/unified");
  assert.equal(mounts.get("freezer"), "/groups/cold");
  assert.equal(mounts.get("memory"), "/sys/fs/cgroup/all");
  assert.equal(mounts.get("net_cls"), undefined);
});
