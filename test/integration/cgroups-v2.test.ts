import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV2, needsOurs, needsPath } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import type { TestBox } from "../helpers/test-box.ts";
import { cgroupV2Of, readCgroupV2 } from "../helpers/unified.ts";

const MIB = 1024 * 1024;
const ALL: ContainerTestOptions = { needs: ["memory", "cpu", "cpuset", "pids", "io"].map(needsCgroupV2) };
const MEMORY: ContainerTestOptions = { needs: [needsCgroupV2("memory")] };
const PIDS: ContainerTestOptions = { needs: [needsCgroupV2("pids")] };

containerTest(
  "linux.resources are in the files of cgroup v2",
  async (box) => {
    Object.assign(box.config.linux.resources, {
      memory: { limit: 64 * MIB, reservation: 32 * MIB, swap: 96 * MIB },
      cpu: { shares: 512, quota: 50_000, period: 200_000, burst: 10_000, cpus: "0", mems: "0" },
      pids: { limit: 17 },
      hugepageLimits: [{ pageSize: "2MB", limit: 4 * MIB }],
      unified: { "memory.high": "60000000", "memory.oom.group": "1" },
    });
    await box.created();
    assert.deepEqual(await filesOf(box, "memory.max", "memory.low", "memory.swap.max", "memory.high"), {
      "memory.max": "67108864",
      "memory.low": "33554432",
      "memory.swap.max": "33554432",
      "memory.high": "59998208", // in whole pages
    });
    assert.deepEqual(await filesOf(box, "cpu.weight", "cpu.max", "cpu.max.burst", "cpuset.cpus", "cpuset.mems"), {
      "cpu.weight": "59",
      "cpu.max": "50000 200000",
      "cpu.max.burst": "10000",
      "cpuset.cpus": "0",
      "cpuset.mems": "0",
    });
    assert.deepEqual(await filesOf(box, "pids.max", "hugetlb.2MB.max", "hugetlb.2MB.rsvd.max", "memory.oom.group"), {
      "pids.max": "17",
      "hugetlb.2MB.max": "4194304",
      "hugetlb.2MB.rsvd.max": "4194304",
      "memory.oom.group": "1",
    });
  },
  { needs: [...(ALL.needs ?? []), needsCgroupV2("hugetlb"), needsOurs] },
);

containerTest(
  "an idle container is idle, and update ends that",
  async (box) => {
    box.config.linux.resources.cpu = { idle: 1 };
    await box.created();
    assert.deepEqual(await filesOf(box, "cpu.idle"), { "cpu.idle": "1" });
    await box.must("update", "--cpu-idle=0", "--cpu-share=1024");
    assert.deepEqual(await filesOf(box, "cpu.idle", "cpu.weight"), { "cpu.idle": "0", "cpu.weight": "100" });
  },
  { needs: [needsCgroupV2("cpu"), needsOurs] },
);

containerTest(
  "every controller counts for a container that sets no limit",
  async (box) => {
    delete box.config.linux.resources.devices;
    await box.created();
    const controllers = (await readCgroupV2(box, "cgroup.controllers")).split(" ");
    for (const name of ["cpu", "io", "memory", "pids"])
      assert.ok(controllers.includes(name), `${name}: ${controllers}`);
  },
  ALL,
);

containerTest(
  "a process that takes more than memory.max is killed, and events tells of it",
  async (box) => {
    box.config.linux.resources.memory = { limit: 32 * MIB, swap: 32 * MIB };
    await box.started(["sleep", "600000"]);
    const events = box.launch(["events", "--interval=100ms", box.id]);
    await events.waitForOutput(/"stats"/);
    const { status } = await box.runtime(["exec", box.id, "/probe", "alloc", String(128 * MIB)]);
    assert.equal(status, 137);
    await events.waitForOutput(/"type":"oom"/);
    await box.must("kill", "KILL");
    assert.equal((await events.ended).status, 0);
  },
  { needs: [...(MEMORY.needs ?? []), needsOurs] },
);

containerTest(
  "a fifth of a processor is a fifth, and its throttling is counted",
  async (box) => {
    box.config.linux.resources.cpu = { quota: 20_000, period: 100_000 };
    const output = await box.started(["spin", "2000"], ["sleep", "600000"]);
    await output.waitForOutput(/\n/);
    const [spin] = box.reports(output.stdout, ["spin", "2000"]);
    assert.ok(spin.cpuMs / spin.wallMs < 0.28, `got ${spin.cpuMs} of ${spin.wallMs} ms`);
    const { data } = JSON.parse((await box.must("events", "--stats")).stdout);
    assert.ok(data.cpu.throttling.throttledPeriods > 5, JSON.stringify(data.cpu.throttling));
    assert.ok(data.cpu.psi.some.total > 0, JSON.stringify(data.cpu.psi));
    for (const psi of [data.memory.psi, data.blkio.psi]) {
      for (const kind of ["some", "full"]) assert.equal(typeof psi[kind].total, "number", JSON.stringify(psi));
    }
  },
  { needs: [needsCgroupV2("cpu"), needsPath("/proc/pressure/cpu"), needsOurs] },
);

containerTest(
  "a container is pinned to its processors and memory nodes",
  async (box) => {
    box.config.linux.resources.cpu = { cpus: "0", mems: "0" };
    const [status] = await box.look(["cat", "/proc/self/status"]);
    assert.match(succeeded(status), /^Cpus_allowed_list:\t0$/m);
  },
  { needs: [needsCgroupV2("cpuset")] },
);

containerTest(
  "linux.resources.pids.limit stops a process from forking more",
  async (box) => {
    box.config.linux.resources.pids = { limit: 10 };
    const [fork] = await box.look(["fork", "20"]);
    assert.deepEqual(fork, { forked: 9, error: "EAGAIN" });
  },
  PIDS,
);

containerTest(
  "pause freezes by cgroup.freeze, and delete --force ends what is frozen",
  async (box) => {
    await box.started(["spawn"], ["sleep", "600000"]);
    await box.must("pause");
    assert.deepEqual(await filesOf(box, "cgroup.freeze"), { "cgroup.freeze": "1" });
    assert.equal((await box.state()).status, "paused");
    await box.must("delete", "--force");
    await box.assertNoTraces();
  },
  PIDS,
);

containerTest(
  "no process without a pid namespace outlives the end of run",
  async (box) => {
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
    await box.look(["spawn"], ["cwd"]);
    await box.assertNoTraces();
  },
  { needs: [needsCgroupV2("pids"), needsOurs] },
);

containerTest(
  "in a cgroup namespace the container's cgroup is the root, and the limits on it are the host's to change",
  async (box) => {
    box.config.linux.namespaces.push({ type: "cgroup" });
    box.config.linux.resources.pids = { limit: 50 };
    makeCgroupMountWritable(box);
    const own = "/sys/fs/cgroup";
    const [cgroup, limit, write, mkdir] = await box.look(
      ["cat", "/proc/self/cgroup"],
      ["cat", `${own}/pids.max`],
      ["write", `${own}/pids.max`, "60"],
      ["mkdir", `${own}/inner`],
    );
    assert.equal(succeeded(cgroup), "0::/\n");
    assert.equal(succeeded(limit), "50\n");
    assert.deepEqual(write, { error: "EPERM" });
    assert.deepEqual(mkdir, { ok: true });
    await box.assertNoTraces();
  },
  { needs: [needsCgroupV2("pids"), needsNsdelegate()] },
);

containerTest(
  "a cgroup that is mounted to be written to belongs to the root of the container's user namespace, its limits not",
  async (box) => {
    box.config.linux.namespaces.push({ type: "cgroup" }, { type: "user" });
    box.config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
    box.config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
    box.config.linux.resources.pids = { limit: 50 };
    makeCgroupMountWritable(box);
    await box.created();
    const directory = await cgroupV2Of(box);
    const ownerOf = (name: string): number => statSync(join(directory, name)).uid;
    const given = ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"];
    assert.deepEqual(given.map(ownerOf), [100_000, 100_000, 100_000, 100_000]);
    assert.deepEqual(["pids.max", "memory.max", "cgroup.freeze"].map(ownerOf), [0, 0, 0]);
  },
  { needs: [needsCgroupV2("pids"), needsCgroupV2("memory"), needsOurs] },
);

containerTest(
  "exec joins the container's cgroup, also where the init has given its controllers to cgroups below",
  async (box) => {
    box.config.linux.namespaces.push({ type: "cgroup" });
    makeCgroupMountWritable(box);
    const own = "/sys/fs/cgroup";
    const output = await box.started(
      ["mkdir", `${own}/inner`],
      ["write", `${own}/inner/cgroup.procs`, "0"],
      ["write", `${own}/cgroup.subtree_control`, "+pids"],
      ["sleep", "600000"],
    );
    await output.waitForOutput(/(.*\n){3}/);
    const { stdout } = await box.must("exec", "/probe", "cat", "/proc/self/cgroup");
    assert.match(stdout, /0::\/inner/);
  },
  PIDS,
);

containerTest(
  "linux.cgroupsPath is below the mount point, its parents give their controllers on, and they go again",
  async (box) => {
    box.config.linux.cgroupsPath = `/${box.id}-parent/inner`;
    box.config.linux.resources.pids = { limit: 20 };
    await box.created();
    const directory = `/sys/fs/cgroup/${box.id}-parent`;
    assert.equal(readFileSync(join(directory, "inner/pids.max"), "utf8"), "20\n");
    await box.must("delete", "--force");
    assert.ok(!existsSync(join(directory, "inner")));
    if (existsSync(directory)) rmdirSync(directory);
  },
  PIDS,
);

containerTest(
  "a cgroup that was there before stays",
  async (box) => {
    const directory = `/sys/fs/cgroup/${box.id}-old`;
    mkdirSync(directory);
    box.config.linux.cgroupsPath = `/${box.id}-old/inner`;
    await box.look(["cwd"]);
    assert.ok(existsSync(directory));
    rmdirSync(directory);
  },
  PIDS,
);

async function filesOf(box: TestBox, ...names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const directory = await cgroupV2Of(box);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), "utf8").trim()]));
}

function makeCgroupMountWritable({ config }: TestBox): void {
  for (const mount of config.mounts) {
    if (mount.type === "cgroup") mount.options = mount.options?.filter((option) => option !== "ro") ?? [];
  }
}

/** Without it a cgroup namespace's owner could change the limits that it is given. */
function needsNsdelegate() {
  return () =>
    /cgroup2 [^\n]*nsdelegate/.test(readFileSync("/proc/self/mountinfo", "utf8")) ? undefined : "needs nsdelegate";
}
