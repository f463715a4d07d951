import assert from "node:assert/strict";
import { test } from "node:test";
import {
  freezersOf,
  killFileOf,
  oomEventsOf,
  ownDirectories,
  processDirectoryOf,
} from "../../../src/cgroup/cgroup-files.ts";
import type { CgroupPaths } from "../../../src/cgroup/cgroup-plan.ts";

const HYBRID: CgroupPaths = {
  v1: {
    cpu: "/c/cpu,cpuacct/x",
    cpuacct: "/c/cpu,cpuacct/x",
    freezer: "/c/freezer/x",
    memory: "/c/memory/x",
    pids: "/c/pids/x",
  },
  v2: "/c/unified/x",
};
const V1: CgroupPaths = { v1: HYBRID.v1 };
const V2: CgroupPaths = { v1: {}, v2: "/c/x" };
const NONE: CgroupPaths = { v1: {} };

test("freezersOf prefers v2 and falls back to v1", () => {
  const v1 = { version: 1, state: "/c/freezer/x/freezer.state" };
  const v2 = { version: 2, freeze: "/c/unified/x/cgroup.freeze", events: "/c/unified/x/cgroup.events" };
  assert.deepEqual(freezersOf(HYBRID), [v2, v1]);
  assert.deepEqual(freezersOf(V1), [v1]);
  assert.deepEqual(freezersOf(NONE), []);
});

test("killFileOf is v2's only", () => {
  assert.deepEqual([HYBRID, V1, V2].map(killFileOf), ["/c/unified/x/cgroup.kill", undefined, "/c/x/cgroup.kill"]);
});

test("processDirectoryOf is one that every process of the container is below", () => {
  const named: CgroupPaths = { v1: { "name=systemd": "/c/systemd/x" } };
  assert.deepEqual([HYBRID, V1, V2, named, NONE].map(processDirectoryOf), [
    "/c/unified/x",
    "/c/pids/x",
    "/c/x",
    "/c/systemd/x",
    undefined,
  ]);
});

test("oomEventsOf follows the memory controller", () => {
  const v1 = { version: 1, control: "/c/memory/x/memory.oom_control", register: "/c/memory/x/cgroup.event_control" };
  assert.deepEqual([HYBRID, V2, NONE].map(oomEventsOf), [v1, { version: 2, events: "/c/x/memory.events" }, undefined]);
});

test("ownDirectories lists co-mounted controllers' directory once", () => {
  assert.deepEqual(ownDirectories(HYBRID), [
    "/c/cpu,cpuacct/x",
    "/c/freezer/x",
    "/c/memory/x",
    "/c/pids/x",
    "/c/unified/x",
  ]);
});
