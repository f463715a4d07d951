import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { delegateCgroup, inCgroups, removeCgroups } from "../helpers/delegated-cgroup.ts";
import { needsCgroupV1, needsOurs } from "../helpers/needs.ts";
import { NEEDS_ORDINARY_USER, refusalOf, rootlessUser } from "../helpers/ordinary-user.ts";
import { succeeded } from "../helpers/probe.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const OURS: ContainerTestOptions = { needs: [...NEEDS_ORDINARY_USER, needsOurs] };
const V1: ContainerTestOptions = { needs: [...NEEDS_ORDINARY_USER, needsCgroupV1("pids"), needsOurs] };

containerTest(
  "a user who can make no cgroup is told so once, and gets a container without one",
  async (box) => {
    const user = await rootlessUser(box);
    box.setCommands(["ids"]);
    const result = await user.run();
    assertSuccess(result);
    assert.match(result.stderr, /^[^\n]*warning: \/linux\/cgroupsPath: is without effect[^\n]*Delegate=yes[^\n]*\n$/);
    assert.deepEqual(box.traces().cgroups, []);
  },
  OURS,
);

containerTest(
  "--rootless=false makes it an error that there can be no cgroup",
  async (box) => {
    const user = await rootlessUser(box);
    box.setCommands(["ids"]);
    box.writeConfig();
    const result = await user.runtime(["--rootless=false", "run", "--bundle", box.bundle, box.id]);
    assert.match(refusalOf(result), /\/linux\/cgroupsPath: cannot be made: .*--rootless=false/);
    await box.assertNoTraces();
  },
  OURS,
);

containerTest(
  "a limit that needs a cgroup is refused to a user who can make none",
  async (box) => {
    const user = await rootlessUser(box);
    box.config.linux.resources = { pids: { limit: 20 } };
    assert.match(refusalOf(await user.run()), /\/linux\/resources\/pids\/limit: needs the cgroup controller pids/);
  },
  OURS,
);

containerTest(
  "ps and kill --all reach the processes of a container without a cgroup, and events says that nothing counts",
  async (box) => {
    const user = await rootlessUser(box);
    box.setCommands(["sleep", "60000"]);
    assertSuccess(await user.run(["--detach"]));
    const pidFile = box.path("runtime-directory/pid");
    const exec = ["exec", "--detach", "--pid-file", pidFile, box.id, "/probe", "sleep", "60000"];
    assertSuccess(await user.runtime(exec));
    const pids = [(await box.state()).pid, Number(readFileSync(pidFile, "utf8"))];
    const shown = await user.runtime(["ps", "--format", "json", box.id]);
    assert.deepEqual(JSON.parse(shown.stdout).sort(), pids.sort());
    const events = await user.runtime(["events", "--stats", box.id]);
    assert.match(events.stderr, /Cannot tell what container ".*" uses: it has no cgroup/);
    await user.must("kill", "--all", "KILL");
    await box.waitForStatus("stopped");
    await box.assertNoProcesses();
  },
  OURS,
);

containerTest(
  "cgroups are made where they are delegated to the user, and removed",
  async (box) => {
    const delegated = delegateCgroup(`${box.id}-delegated`, "pids");
    try {
      const user = await rootlessUser(box, { before: inCgroups(delegated) });
      box.config.linux.resources = { pids: { limit: 20 } };
      box.setCommands(["cat", "/proc/self/cgroup"], ["sleep", "60000"]);
      const creation = await user.created();
      await user.must("start");
      await creation.waitForOutput(/\n/);
      const [cgroup] = box.reports(creation.stdout, ["cat"]);
      assert.match(succeeded(cgroup), new RegExp(`:pids:.*${box.id}-delegated/${box.id}\n`));
      assert.equal(readFileSync(join(delegated, box.id, "pids.max"), "utf8"), "20\n");
      const exec = await user.runtime(["exec", box.id, "/probe", "cat", "/proc/self/cgroup"]);
      assertSuccess(exec);
      assert.match(succeeded(box.reports(exec.stdout, ["cat"])[0]), new RegExp(`:pids:.*/${box.id}\n`));
      await user.must("kill", "--all", "KILL");
      await box.waitForStatus("stopped");
      await user.must("delete");
      assert.ok(!existsSync(join(delegated, box.id)));
    } finally {
      removeCgroups(delegated);
    }
  },
  V1,
);

containerTest(
  "root leaves out cgroups that it cannot make where --rootless says so",
  async (box) => {
    box.setCommands(["cat", "/proc/self/cgroup"]);
    box.writeConfig();
    const through = ["unshare", "--mount", "sh", "-c", READ_ONLY_CGROUPS, "sh"];
    const run = await box.program([
      ...through,
      ...box.argv(["--rootless=true", "run", "--bundle", box.bundle, box.id]),
    ]);
    assertSuccess(run);
    assert.match(run.stderr, /\/linux\/cgroupsPath: is without effect/);
    assert.ok(!run.stdout.includes(box.id));
  },
  OURS,
);

/** What a container's engine may have left of the cgroups. */
const READ_ONLY_CGROUPS = `grep -E ' - cgroup2? ' /proc/self/mountinfo | cut -d ' ' -f 5 | while read -r mount; do
  mount -o remount,bind,ro "$mount"
done
exec "$@"`;

const REFUSED: readonly (readonly [what: string, change: (box: TestBox) => void, refusal: RegExp])[] = [
  [
    "an oom_score_adj below the user's own",
    ({ config }) => {
      config.process.oomScoreAdj = -1000;
    },
    /oom_score_adj to -1000: .*fix: ask for no less than the caller has/,
  ],
  [
    "a limit above the user's own",
    ({ config }) => {
      config.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 9_000_000, hard: 9_000_000 }];
    },
    /RLIMIT_NOFILE up to 9000000: .*fix: ask for no more than the caller's own hard limit/,
  ],
  [
    "a scheduler with real-time priority",
    ({ config }) => {
      config.process.scheduler = { policy: "SCHED_FIFO", priority: 1 };
    },
    /scheduler: .*fix: run as root, or leave it out: only CAP_SYS_NICE on the host itself allows it/,
  ],
  [
    "a network device of the host",
    ({ config }) => {
      config.linux.namespaces.push({ type: "network" });
      config.linux.netDevices = { eth9: { name: "eth0" } };
    },
    /\/linux\/netDevices\/eth9: cannot be moved/,
  ],
  [
    "a file system that only the host can mount",
    ({ config }) => {
      config.mounts.push({ destination: "/data", type: "ext4", source: "/dev/null" });
    },
    /"ext4" at "\/data": .*fix: mount it on the host and bind it/,
  ],
];

for (const [what, change, refusal] of REFUSED) {
  containerTest(
    `${what} is refused with the reason`,
    async (box) => {
      const user = await rootlessUser(box);
      change(box);
      assert.match(refusalOf(await user.run()), refusal);
    },
    OURS,
  );
}
