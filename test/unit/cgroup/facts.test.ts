import assert from "node:assert/strict";
import { test } from "node:test";
import { delegatedDirectory, ownDirectory } from "../../../src/cgroup/facts.ts";

const MOUNTPOINT = "/sys/fs/cgroup/x";

test("ownDirectory takes the part of the own path that the mount shows", () => {
  const cases: readonly [mountRoot: string, ownPath: string, expected: string | undefined][] = [
    ["/", "/", MOUNTPOINT],
    ["/", "/a/b", `${MOUNTPOINT}/a/b`],
    ["/docker/1", "/docker/1", MOUNTPOINT],
    ["/docker/1", "/docker/1/sub", `${MOUNTPOINT}/sub`],
    ["/docker/1", "/docker/12", undefined],
    ["/../..", "/", undefined],
  ];
  for (const [mountRoot, ownPath, expected] of cases) {
    assert.equal(ownDirectory({ mountpoint: MOUNTPOINT, mountRoot, ownPath }), expected, `${mountRoot} ${ownPath}`);
  }
});

test("delegatedDirectory is the own cgroup in v1 and the one above it in v2", () => {
  const place = { mountpoint: MOUNTPOINT, mountRoot: "/", ownPath: "/user/run.scope" };
  assert.equal(delegatedDirectory(place, 1), `${MOUNTPOINT}/user/run.scope`);
  assert.equal(delegatedDirectory(place, 2), `${MOUNTPOINT}/user`);
  assert.equal(delegatedDirectory({ ...place, ownPath: "/" }, 2), MOUNTPOINT);
  assert.equal(delegatedDirectory({ ...place, mountRoot: "/elsewhere" }, 2), undefined);
});
