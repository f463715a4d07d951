import assert from "node:assert/strict";
import { test } from "node:test";
import { probeHost, probeKernelMounts } from "../../../src/sys/probe-host.ts";

test("probeHost tells who the caller is and where its cgroups are", () => {
  const host = probeHost();
  assert.equal(host.uid, process.geteuid?.());
  assert.equal(host.gid, process.getegid?.());
  if (host.isPrivileged) assert.ok(host.capabilities > 0n);
  for (const { mountpoint, ownPath } of host.cgroup.v1)
    assert.ok(mountpoint.startsWith("/") && ownPath.startsWith("/"));
});

test("probeKernelMounts gives the mounts of proc and sysfs, the last one first", () => {
  const table = `22 21 0:20 / /proc rw - proc proc rw
23 21 0:21 / /sys rw - sysfs sysfs rw
24 23 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw
25 21 0:20 / /srv/a\\040b/proc rw - proc proc rw
`;
  assert.deepEqual(probeKernelMounts(table), ["/srv/a b/proc", "/sys", "/proc"]);
});
