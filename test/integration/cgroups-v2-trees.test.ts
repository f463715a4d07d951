import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { inCgroups } from "../helpers/delegated-cgroup.ts";
import { needsCgroupV2, needsOurs, needsProgram } from "../helpers/needs.ts";
import { NEEDS_ORDINARY_USER, OrdinaryUser, refusalOf, USER_ID } from "../helpers/ordinary-user.ts";
import { readTraces, straceArgv } from "../helpers/strace.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { cgroupV2Of, readCgroupV2, UNIFIED } from "../helpers/unified.ts";

const MIB = 1024 * 1024;
const OPTIONS: ContainerTestOptions = { needs: [...["pids", "memory"].map(needsCgroupV2), needsOurs] };

containerTest(
  "a container below a threaded cgroup is threaded too: limits, exec, ps, pause, kill and delete work",
  async (box) => {
    const parent = threadedTree(box);
    box.config.linux.cgroupsPath = `${parent}/inner`;
    // Without a pid namespace nobody but the cgroup knows which processes are the container's.
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
    box.config.linux.resources.pids = { limit: 10 };
    const output = await box.started(["spawn"], ["fork", "20"], ["sleep", "600000"]);
    await output.waitForOutput(/"error":"EAGAIN"/);
    assert.equal(await readCgroupV2(box, "cgroup.type"), "threaded");
    assert.equal(await cgroupV2Of(box), `${UNIFIED}${parent}/inner`);
    const exec = await box.must("exec", "/probe", "cat", "/proc/self/cgroup");
    assert.match(exec.stdout, /\/inner/);
    const { pid } = await box.state();
    const pids = JSON.parse((await box.must("ps", "--format=json")).stdout);
    assert.ok(pids.includes(pid) && pids.length === 2, `${pids}`);
    await box.must("pause");
    assert.equal((await box.state()).status, "paused");
    await box.must("resume");
    await box.must("kill", "--all", "KILL");
    await box.waitForStatus("stopped");
    await box.assertNoProcesses();
    await box.must("delete");
    removeTree(box);
    await box.assertNoTraces();
  },
  OPTIONS,
);

containerTest(
  "the end of run, and a create that fails, leave no process of a container in a threaded tree",
  async (box) => {
    box.config.linux.cgroupsPath = `${threadedTree(box)}/inner`;
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
    await box.look(["spawn"], ["cwd"]);
    box.config.process.args = ["/nothing"];
    assert.notEqual((await box.run()).status, 0);
    await box.assertNoProcesses();
    removeTree(box);
    await box.assertNoTraces();
  },
  OPTIONS,
);

containerTest(
  "a limit that no threaded cgroup can have is refused there",
  async (box) => {
    box.config.linux.cgroupsPath = `${threadedTree(box)}/inner`;
    box.config.linux.resources.memory = { limit: 64 * MIB };
    const { status, stderr } = await box.create();
    assert.notEqual(status, 0);
    assert.match(stderr, /cgroup\.subtree_control.*fix: .*threaded tree: cpu, cpuset and pids/);
    removeTree(box);
    await box.assertNoTraces();
  },
  OPTIONS,
);

containerTest(
  "a container below a cgroup with processes has the limits that threads share",
  async (box) => {
    const parent = join(UNIFIED, `${box.id}-tree`);
    mkdirSync(parent);
    const stranger = spawn("/bin/sleep", ["600"], { stdio: "ignore" });
    const ended = once(stranger, "exit");
    writeFileSync(join(parent, "cgroup.procs"), String(stranger.pid));
    box.config.linux.cgroupsPath = `/${box.id}-tree/inner`;
    box.config.linux.resources = { pids: { limit: 10 } };
    const [fork] = await box.look(["fork", "20"]);
    assert.deepEqual(fork, { forked: 9, error: "EAGAIN" });
    stranger.kill("SIGKILL");
    await ended;
    rmdirSync(parent);
    await box.assertNoTraces();
  },
  OPTIONS,
);

containerTest(
  "a user's container has the limits of what is delegated, beside the user's own cgroup, and no others",
  async (box) => {
    const tree = join(UNIFIED, `${box.id}-tree`);
    const parent = join(tree, "user");
    delegate(tree, ["pids", "memory"]);
    const user = new OrdinaryUser(box, { before: inCgroups(join(parent, "caller")) });
    await user.spec();
    box.config.linux.resources = { pids: { limit: 10 }, memory: { limit: 32 * MIB, swap: 32 * MIB } };
    box.setCommands(["fork", "20"], ["cat", "/proc/self/cgroup"], ["alloc", String(128 * MIB)]);
    const result = await user.run();
    assert.equal(result.status, 137, result.stderr);
    assert.match(result.stdout, /"forked":9,"error":"EAGAIN"/);
    box.config.linux.resources = { unified: { "hugetlb.2MB.max": "0" } };
    assert.match(refusalOf(await user.run()), /unified\/hugetlb\.2MB\.max: .*controller hugetlb/);
    for (const name of ["user/caller", "user", ""]) rmdirSync(join(tree, name));
    await box.assertNoTraces();
  },
  { needs: [...(OPTIONS.needs ?? []), ...NEEDS_ORDINARY_USER] },
);

containerTest(
  "the init and the process of exec are born in the container's cgroup",
  async (box) => {
    const traced = async (name: string, args: readonly string[]): Promise<string> => {
      assertSuccess(await box.program(straceArgv(box.path(name), ["clone3"], box.argv(args))));
      const calls = [...readTraces(box.directory, name).values()].flat();
      return calls.map(({ text }) => text).join("\n");
    };
    box.setCommands(["cwd"]);
    box.writeConfig();
    assert.match(await traced("run", ["run", "--bundle", box.bundle, box.id]), /CLONE_INTO_CGROUP/);
    await box.started(["sleep", "600000"]);
    assert.match(await traced("exec", ["exec", box.id, "/probe", "cwd"]), /CLONE_INTO_CGROUP/);
  },
  { needs: [needsOurs, needsUnified, needsProgram("strace")] },
);

/** The hierarchy of v2, with controllers or without. */
function needsUnified(): string | undefined {
  return readFileSync("/proc/self/mounts", "utf8").includes(" cgroup2 ") ? undefined : "needs cgroup v2";
}

/** Makes a domain with a threaded cgroup in it, and gives the path of the latter below the mount point. */
function threadedTree(box: TestBox): string {
  const path = `/${box.id}-tree/threads`;
  mkdirSync(join(UNIFIED, path), { recursive: true });
  writeFileSync(join(UNIFIED, path, "cgroup.type"), "threaded");
  writeFileSync(join(UNIFIED, path, "../cgroup.subtree_control"), "+pids");
  return path;
}

function removeTree(box: TestBox): void {
  for (const name of ["threads", ""]) rmdirSync(join(UNIFIED, `${box.id}-tree`, name));
}

/** As a service manager does: "user" below the tree is the user's, who can give these controllers on. */
function delegate(tree: string, controllers: readonly string[]): void {
  mkdirSync(join(tree, "user/caller"), { recursive: true });
  writeFileSync(join(tree, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
  const files = ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "caller", "caller/cgroup.procs"];
  for (const name of files) chownSync(join(tree, "user", name), USER_ID, 0);
}
