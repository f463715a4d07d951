import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { build, type Fragment, showStep } from "../plan-of.ts";

/** The cpuset's steps, and those that they are before or after. */
function steps(fragment: Fragment): readonly string[] {
  return build(fragment)
    .plan.steps.map(showStep)
    .filter((line) => /cpuset|child\.clone|mount\.propagation|limits|sched\.affinity|fds\.inherit/.test(line));
}

const HOOK = [{ path: "/bin/true" }];
const PID_AND_MOUNT = [{ type: "pid" }, { type: "mount" }] as const;

describe("splitCgroup", () => {
  it("lets the cpuset take its values while the init mounts", () => {
    const from = "from /sys/fs/cgroup/cpuset";
    assert.deepEqual(steps({}), [
      "parent cgroup.mkdir /sys/fs/cgroup/cpuset/box",
      "parent cgroup.open #8 /sys/fs/cgroup/cpuset/box/tasks",
      "parent child.clone init CLONE_NEWNS|CLONE_NEWPID",
      "init mount.propagation / rslave",
      `parent cgroup.inherit /sys/fs/cgroup/cpuset/box/cpuset.cpus ${from}`,
      `parent cgroup.inherit /sys/fs/cgroup/cpuset/box/cpuset.mems ${from}`,
      "parent sync.post limits",
      "init sync.wait limits",
      "init cgroup.join #8 /sys/fs/cgroup/cpuset/box/tasks",
      "init sched.affinity all",
      "init fds.inherit 0-2 and 0 more",
      "parent cgroup.rmdir /sys/fs/cgroup/cpuset/box",
    ]);
  });

  const early: Readonly<Record<string, Fragment>> = {
    "the config limits the processors": { linux: { resources: { cpu: { cpus: "0" } } } },
    "the config limits the memory nodes": { linux: { resources: { cpu: { mems: "0" } } } },
    "a hook runs before": { hooks: { createContainer: HOOK } },
    "a hook of the runtime's side runs before": { hooks: { createRuntime: HOOK } },
    "the container has a cgroup namespace": { linux: { namespaces: [...PID_AND_MOUNT, { type: "cgroup" }] } },
    "others could look into the init": { linux: { namespaces: [{ type: "mount" }] } },
  };
  for (const [when, fragment] of Object.entries(early)) {
    it(`joins before all else when ${when}`, () => {
      const lines = steps(fragment);
      const clone = lines.findIndex((line) => line.includes("child.clone"));
      const inherited = lines.findLastIndex((line) => line.includes("cgroup.inherit"));
      const join = lines.findIndex((line) => line.includes("cgroup.join"));
      assert.ok(inherited < clone, lines.join("\n"));
      assert.ok(join > clone && !lines.slice(clone, join).some((line) => line.includes("mount.")), lines.join("\n"));
    });
  }
});
