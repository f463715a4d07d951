import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { cgroupV1Directory, type Need, needsCgroupV1, needsOurs } from "../helpers/needs.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const MIB = 2 ** 20;
const CONTROLLERS: readonly Need[] = ["memory", "pids", "cpu", "cpuset"].map(needsCgroupV1);

const NO_UNITS = { crun: "knows no units" } as const;
const NO_SOCKET = { crun: "cannot read from a socket" } as const;

const FLAGS: readonly (readonly [flag: string, value: string, controller: string, file: string, text: string])[] = [
  ["--memory", "64m", "memory", "memory.limit_in_bytes", String(64 * MIB)],
  ["--memory-reservation", "32M", "memory", "memory.soft_limit_in_bytes", String(32 * MIB)],
  ["--memory", String(65 * MIB), "memory", "memory.limit_in_bytes", String(65 * MIB)],
  ["--pids-limit", "33", "pids", "pids.max", "33"],
  ["--cpu-share", "333", "cpu", "cpu.shares", "333"],
  ["--cpu-quota", "20000", "cpu", "cpu.cfs_quota_us", "20000"],
  ["--cpu-period", "50000", "cpu", "cpu.cfs_period_us", "50000"],
  ["--cpuset-cpus", "0", "cpuset", "cpuset.cpus", "0"],
  ["--cpuset-mems", "0", "cpuset", "cpuset.mems", "0"],
];
for (const [flag, value, controller, file, text] of FLAGS) {
  containerTest(
    `update ${flag} ${value} writes ${file}`,
    async (box) => {
      await running(box);
      assertSuccess(await update(box, flag, value));
      assert.equal(read(box, controller, file), text);
    },
    { needs: [needsCgroupV1(controller)], ...(/[a-z]$/i.test(value) && { peerDeviations: NO_UNITS }) },
  );
}

containerTest(
  "update --resources - reads linux.resources from the standard input, and leaves the rest alone",
  async (box) => {
    box.config.linux.resources.pids = { limit: 55 };
    await running(box);
    const resources = { memory: { limit: 64 * MIB, swap: 96 * MIB }, cpu: { shares: 444 } };
    assertSuccess(await update(box, "--resources", "-", resources));
    assert.deepEqual(
      [
        read(box, "memory", "memory.limit_in_bytes"),
        read(box, "memory", "memory.memsw.limit_in_bytes"),
        read(box, "cpu", "cpu.shares"),
        read(box, "pids", "pids.max"),
      ],
      [String(64 * MIB), String(96 * MIB), "444", "55"],
    );
  },
  { needs: CONTROLLERS, peerDeviations: NO_SOCKET },
);

containerTest(
  "update -r reads a file",
  async (box) => {
    await running(box);
    writeFileSync(box.path("resources.json"), JSON.stringify({ pids: { limit: 44 } }));
    assertSuccess(await update(box, "-r", box.path("resources.json")));
    assert.equal(read(box, "pids", "pids.max"), "44");
  },
  { needs: CONTROLLERS },
);

containerTest(
  "update takes what containerd and docker send, where 0 and an empty text change nothing",
  async (box) => {
    box.config.linux.resources = { ...box.config.linux.resources, pids: { limit: 55 }, cpu: { shares: 444 } };
    await running(box);
    const resources = {
      cpu: { shares: 0, quota: 0, period: 0, realtimeRuntime: 0, realtimePeriod: 0, cpus: "", mems: "" },
      memory: { limit: 64 * MIB, reservation: 0, swap: 0, kernel: 0 },
      blockIO: { weight: 0 },
    };
    assertSuccess(await update(box, "--resources=-", undefined, resources));
    assert.deepEqual(
      [read(box, "cpu", "cpu.shares"), read(box, "pids", "pids.max"), read(box, "memory", "memory.limit_in_bytes")],
      ["444", "55", String(64 * MIB)],
    );
  },
  { needs: CONTROLLERS, peerDeviations: NO_SOCKET },
);

containerTest(
  "update raises and lowers memory and swap in whichever order the kernel takes",
  async (box) => {
    box.config.linux.resources.memory = { limit: 64 * MIB, swap: 64 * MIB };
    await running(box);
    for (const [limit, swap] of [
      [128, 256],
      [32, 32],
      [256, 256],
    ] as const) {
      assertSuccess(await update(box, "-r", "-", { memory: { limit: limit * MIB, swap: swap * MIB } }));
      const files = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"];
      assert.deepEqual(
        files.map((file) => read(box, "memory", file)),
        [limit, swap].map((value) => String(value * MIB)),
      );
    }
    assertSuccess(await update(box, "--memory", "-1"));
    assert.ok(Number(read(box, "memory", "memory.limit_in_bytes")) > 2 ** 62);
  },
  { needs: CONTROLLERS, peerDeviations: { ...NO_SOCKET } },
);

containerTest(
  "update allows a device while the container runs, and takes it away again",
  async (box) => {
    await running(box);
    const list = () => read(box, "devices", "devices.list");
    const before = list();
    const deny = { allow: false, access: "rwm" };
    const tun = { allow: true, type: "c", major: 10, minor: 200, access: "rw" };
    assertSuccess(await update(box, "-r", "-", { devices: [deny, tun] }));
    assert.match(list(), /^c 10:200 rw$/m);
    assertSuccess(await update(box, "-r", "-", { devices: [deny] }));
    assert.deepEqual(list().split("\n").sort(), before.split("\n").sort());
  },
  { needs: [needsCgroupV1("devices")], peerDeviations: { runc: "does not do it", ...NO_SOCKET } },
);

for (const [what, flags, reason] of [
  ["a processor that is not there", ["--pids-limit", "11", "--cpuset-cpus", "4095"], /4095/],
  ["a limit below what is in use", ["--pids-limit", "11", "--cpu-share", "222", "--memory", "4096"], /4096/],
] as const) {
  containerTest(
    `update that is refused for ${what} changes nothing, and names the file, the value and the reason`,
    async (box) => {
      await running(box);
      const before = snapshot(box);
      const result = await update(box, ...flags);
      assert.equal(result.status, 1);
      assert.match(result.stderr, reason);
      assert.match(result.stderr, /\/sys\/fs\/cgroup\/.*\((EINVAL|ERANGE|EBUSY) from write\)/);
      assert.deepEqual(snapshot(box), before);
    },
    { needs: [...CONTROLLERS, needsOurs] },
  );
}

for (const [what, resources, reason] of [
  ["no number", { memory: { limit: "much" } }, /\/linux\/resources\/memory\/limit/],
  ["out of its range", { cpu: { period: 5 } }, /\/linux\/resources\/cpu\/period: 5 must be/],
  ["a contradiction", { memory: { limit: 64 * MIB, swap: MIB } }, /\/linux\/resources\/memory\/swap/],
] as const) {
  containerTest(
    `update refuses a value that is ${what}, and says where it is`,
    async (box) => {
      await running(box);
      const before = snapshot(box);
      const result = await update(box, "--resources", "-", resources);
      assert.equal(result.status, 1);
      assert.match(result.stderr, reason);
      assert.deepEqual(snapshot(box), before);
    },
    { needs: [...CONTROLLERS, needsOurs] },
  );
}

containerTest("update refuses what is no JSON, and a file that is not there", async (box) => {
  await running(box);
  const noJson = await box.runtime(["update", "--resources", "-", box.id], { stdin: "{" });
  assert.notEqual(noJson.status, 0);
  const noFile = await update(box, "--resources", box.path("nowhere"));
  assert.notEqual(noFile.status, 0);
});

containerTest(
  "update refuses a container that has stopped, and one that does not exist",
  async (box) => {
    const missing = await update(box, "--pids-limit", "10");
    assert.notEqual(missing.status, 0);
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    const stopped = await update(box, "--pids-limit", "10");
    assert.notEqual(stopped.status, 0);
    assert.match(stopped.stderr, /not running/);
  },
  { peerDeviations: { crun: "1.8.1 does it" } },
);

containerTest(
  "update works on a created and on a paused container",
  async (box) => {
    box.setCommands(["sleep", "60000"]);
    await box.created();
    assertSuccess(await update(box, "--pids-limit", "21"));
    await box.must("start");
    await box.must("pause");
    assertSuccess(await update(box, "--memory", String(64 * MIB)));
    assert.deepEqual(
      [read(box, "pids", "pids.max"), read(box, "memory", "memory.limit_in_bytes")],
      ["21", String(64 * MIB)],
    );
    assert.equal((await box.state()).status, "paused");
  },
  { needs: CONTROLLERS },
);

async function running(box: TestBox): Promise<void> {
  const output = await box.started(["print", "up\n"], ["sleep", "60000"]);
  await output.waitForOutput(/up/);
}

/** `update` with flags; what is no text comes from the standard input as JSON. */
function update(box: TestBox, ...words: readonly (string | undefined | object)[]): Promise<ProgramResult> {
  const flags = words.filter((word) => typeof word === "string");
  const input = words.find((word) => typeof word === "object");
  return box.runtime(["update", ...flags, box.id], input === undefined ? {} : { stdin: JSON.stringify(input) });
}

function read(box: TestBox, controller: string, file: string): string {
  return readFileSync(join(directoryOf(box, controller), file), "utf8").trim();
}

function directoryOf(box: TestBox, controller: string): string {
  return findBelow(cgroupV1Directory(controller) ?? "", box.id) ?? "";
}

/** The directory with this end of its name; cgroups of other tests come and go meanwhile. */
function findBelow(directory: string, end: string): string | undefined {
  if (directory.endsWith(end)) return directory;
  for (const name of directoriesIn(directory)) {
    const found = findBelow(join(directory, name), end);
    if (found !== undefined) return found;
  }
  return undefined;
}

function directoriesIn(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** The limits that these tests change. */
function snapshot(box: TestBox): readonly string[] {
  return FLAGS.map(([, , controller, file]) => read(box, controller, file));
}
