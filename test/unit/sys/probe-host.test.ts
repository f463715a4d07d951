import assert from "node:assert/strict";
import { test } from "node:test";
import { probeHost } from "../../../src/sys/probe-host.ts";

test("probeHost tells who the caller is and where its cgroups are", () => {
  const host = probeHost();
  assert.equal(host.uid, process.geteuid?.());
  assert.equal(host.gid, process.getegid?.());
  if (host.isPrivileged) assert.ok(host.capabilities > 0n);
  for (const { mountpoint, ownPath } of host.cgroup.v1)
    assert.ok(mountpoint.startsWith("/") && ownPath.startsWith("/"));
});
