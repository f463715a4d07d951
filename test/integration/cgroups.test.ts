import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { cgroupV1Directory, needsCgroupV1, needsOurs, needsPath, needsProgram } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import { parseProcStatus } from "../helpers/proc-status.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const MEBIBYTE = 1024 * 1024;

const MEMORY: ContainerTestOptions = { needs: [needsCgroupV1("memory")] };
const CPU: ContainerTestOptions = { needs: [needsCgroupV1("cpu")] };
const CPUSET: ContainerTestOptions = { needs: [needsCgroupV1("cpuset")] };
const PIDS: ContainerTestOptions = { needs: [needsCgroupV1("pids")] };

interface FileCase {
  readonly what: string;
  readonly set: (box: TestBox) => void;
  readonly controller: string;
  /** File → its text. */
  readonly files: Readonly<Record<string, string>>;
  readonly test?: ContainerTestOptions;
}

/** Properties of linux.resources and what they are in the files of cgroup v1. */
const FILE_CASES: readonly FileCase[] = [
  memory({ limit: 64 * MEBIBYTE }, { "memory.limit_in_bytes": "67108864" }),
  memory({ limit: 64 * MEBIBYTE, reservation: 32 * MEBIBYTE }, { "memory.soft_limit_in_bytes": "33554432" }),
  memory({ limit: 64 * MEBIBYTE, swappiness: 10 }, { "memory.swappiness": "10" }),
  memory({ disableOOMKiller: true }, { "memory.oom_control": "oom_kill_disable 1\nunder_oom 0\noom_kill 0" }),
  memory({ limit: -1 }, { "memory.limit_in_bytes": "9223372036854771712" }),
  {
    ...memory({ limit: 64 * MEBIBYTE, swap: 128 * MEBIBYTE }, { "memory.memsw.limit_in_bytes": "134217728" }),
    test: { needs: [...(MEMORY.needs ?? []), needsPath("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")] },
  },
  cpu({ shares: 512 }, { "cpu.shares": "512" }),
  cpu({ quota: 50_000, period: 200_000 }, { "cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "200000" }),
  cpu({ quota: 30_000 }, { "cpu.cfs_quota_us": "30000", "cpu.cfs_period_us": "100000" }),
  {
    ...cpu({ quota: -1 }, { "cpu.cfs_quota_us": "-1" }),
    test: { ...CPU, peerDeviations: { crun: "1.8.1 fails, and leaves its cgroups" } },
  },
  {
    what: "pids.limit 17",
    set: ({ config }) => {
      config.linux.resources.pids = { limit: 17 };
    },
    controller: "pids",
    files: { "pids.max": "17" },
    test: PIDS,
  },
  {
    what: "pids.limit -1",
    set: ({ config }) => {
      config.linux.resources.pids = { limit: -1 };
    },
    controller: "pids",
    files: { "pids.max": "max" },
    test: { ...PIDS, peerDeviations: { crun: "1.8.1 fails, and leaves its cgroups" } },
  },
];

for (const { what, set, controller, files, test } of FILE_CASES) {
  containerTest(
    `linux.resources.${what} is in ${Object.keys(files).join(" and ")}`,
    async (box) => {
      set(box);
      await box.created();
      for (const [file, text] of Object.entries(files)) {
        assert.equal(readFileSync(join(await cgroupOf(box, controller), file), "utf8").trim(), text, file);
      }
    },
    test,
  );
}

containerTest(
  "a process that takes more memory than the limit is killed",
  async (box) => {
    box.config.linux.resources.memory = { limit: 32 * MEBIBYTE, swap: 32 * MEBIBYTE };
    const [alloc] = await box.look(["alloc", String(8 * MEBIBYTE)]);
    assert.deepEqual(alloc, { ok: true });
    box.setCommands(["alloc", String(128 * MEBIBYTE)]);
    assert.equal((await box.run()).status, 137);
  },
  MEMORY,
);

containerTest(
  "a container starts with a memory limit of one mebibyte",
  async (box) => {
    box.config.linux.resources.memory = { limit: MEBIBYTE, swap: MEBIBYTE };
    assert.deepEqual(await box.look(["cwd"]), ["/"]);
  },
  { ...MEMORY, peerDeviations: { runc: "its own process needs more than two" } },
);

containerTest(
  "a memory limit that is too small is told as the cause",
  async (box) => {
    box.config.linux.resources.memory = { limit: 4096, swap: 4096 };
    box.setCommands(["exit", "0"]);
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /memory/i);
    await box.assertNoTraces();
  },
  MEMORY,
);

containerTest(
  "a fifth of a processor is a fifth",
  async (box) => {
    box.config.linux.resources.cpu = { quota: 20_000, period: 100_000 };
    const [spin] = await box.look(["spin", "2000"]);
    const share = spin.cpuMs / spin.wallMs;
    assert.ok(share < 0.28, `got ${share} of a processor`);
  },
  CPU,
);

containerTest(
  "linux.resources.cpu.cpus and mems pin the container",
  async (box) => {
    box.config.linux.resources.cpu = { cpus: "0", mems: "0" };
    const [status] = await box.look(["cat", "/proc/self/status"]);
    const { Cpus_allowed_list, Mems_allowed_list } = parseProcStatus(succeeded(status));
    assert.deepEqual([Cpus_allowed_list, Mems_allowed_list], ["0", "0"]);
  },
  CPUSET,
);

containerTest(
  "a processor that is not there is refused",
  async (box) => {
    box.config.linux.resources.cpu = { cpus: "4000" };
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /cpu/i);
    await box.assertNoTraces();
  },
  { ...CPUSET, peerDeviations: { crun: "1.8.1 leaves its cgroups" } },
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
  "the container is in a cgroup of its own in every hierarchy",
  async (box) => {
    await box.created();
    const { pid } = await box.state();
    const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
    for (const line of lines) {
      const [, controllers = "", path = ""] = line.split(":");
      const directory = cgroupV1Directory(controllers.split(",")[0] ?? "");
      if (controllers !== "" && directory !== undefined && !controllers.startsWith("name="))
        assert.ok(path.includes(box.id), line);
    }
  },
  MEMORY,
);

containerTest(
  "an absolute linux.cgroupsPath is below the mount points of the hierarchies",
  async (box) => {
    box.config.linux.cgroupsPath = `/${box.id}-parent/inner`;
    await box.created();
    const directory = join(cgroupV1Directory("memory") ?? "", `${box.id}-parent/inner`);
    const { pid } = await box.state();
    assert.ok(readFileSync(join(directory, "cgroup.procs"), "utf8").split("\n").includes(String(pid)));
    await box.must("delete", "--force");
    assert.ok(!existsSync(directory));
    removeParents(box);
  },
  MEMORY,
);

containerTest(
  "a relative linux.cgroupsPath is one and the same place every time",
  async (box) => {
    box.config.linux.cgroupsPath = `${box.id}-relative`;
    await box.created();
    const first = await cgroupOf(box, "memory");
    assert.ok(first.includes(`${box.id}-relative`));
    await box.must("delete", "--force");
    await box.created();
    assert.equal(await cgroupOf(box, "memory"), first);
  },
  MEMORY,
);

containerTest(
  "the cgroups of the host stay as they are",
  async (box) => {
    const directory = cgroupV1Directory("memory") ?? "";
    const before = readFileSync(join(directory, "memory.limit_in_bytes"), "utf8");
    box.config.linux.resources.memory = { limit: 32 * MEBIBYTE };
    await box.look(["cwd"]);
    assert.equal(readFileSync(join(directory, "memory.limit_in_bytes"), "utf8"), before);
  },
  MEMORY,
);

containerTest(
  "a cgroup that was there before stays",
  async (box) => {
    const directory = join(cgroupV1Directory("pids") ?? "", `${box.id}-old`);
    mkdirSync(directory);
    box.config.linux.cgroupsPath = `/${box.id}-old/inner`;
    await box.look(["cwd"]);
    assert.ok(existsSync(directory));
    removeParents(box);
  },
  PIDS,
);

containerTest(
  "a cgroup that the container made below its own goes with it",
  async (box) => {
    box.config.mounts.push({
      destination: "/pids",
      type: "bind",
      source: cgroupV1Directory("pids") ?? "",
      options: ["rbind"],
    });
    box.config.linux.cgroupsPath = `/${box.id}`;
    assert.deepEqual(await box.look(["mkdir", `/pids/${box.id}/inner`], ["mkdir", `/pids/${box.id}/inner/deeper`]), [
      { ok: true },
      { ok: true },
    ]);
    await box.assertNoTraces();
  },
  PIDS,
);

function memory(values: Record<string, number | boolean>, files: Readonly<Record<string, string>>): FileCase {
  return {
    what: `memory ${JSON.stringify(values)}`,
    set: ({ config }) => {
      config.linux.resources.memory = values;
    },
    controller: "memory",
    files,
    test: MEMORY,
  };
}

function cpu(values: Record<string, number>, files: Readonly<Record<string, string>>): FileCase {
  return {
    what: `cpu ${JSON.stringify(values)}`,
    set: ({ config }) => {
      config.linux.resources.cpu = values;
    },
    controller: "cpu",
    files,
    test: CPU,
  };
}

containerTest(
  "a controller of v1 that is not mounted is an error only if the config asks for it",
  async (box) => {
    const run = async () => {
      box.setCommands(["cwd"]);
      box.writeConfig();
      const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
      return await box.program(["unshare", "--mount", ...WITHOUT, cgroupV1Directory("pids") ?? "", ...argv]);
    };
    delete box.config.linux.resources.pids;
    assertSuccess(await run());
    box.config.linux.resources.pids = { limit: 10 };
    const { status, stderr } = await run();
    assert.notEqual(status, 0);
    assert.match(stderr, /\/linux\/resources\/pids\/limit: .*controller pids, which is not mounted on this host/);
    await box.assertNoTraces();
  },
  { needs: [...(PIDS.needs ?? []), needsProgram("unshare"), needsOurs] },
);

/** Runs a program without a mount. */
const WITHOUT = ["sh", "-c", 'umount "$0" && exec "$@"'] as const;

/** The directory of the running container in a v1 hierarchy. */
async function cgroupOf(box: TestBox, controller: string): Promise<string> {
  const lines = readFileSync(`/proc/${(await box.state()).pid}/cgroup`, "utf8").split("\n");
  const line = lines.find((text) => text.split(":")[1]?.split(",").includes(controller)) ?? "";
  return join(cgroupV1Directory(controller) ?? "", line.split(":")[2] ?? "");
}

/** What a test's absolute path has made above the container's own cgroup: a runtime may leave that. */
function removeParents(box: TestBox): void {
  for (const directory of box.traces().cgroups.toReversed()) rmdirSync(directory);
}
