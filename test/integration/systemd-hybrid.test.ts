import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { cgroupV1Directory, needsCgroupV1, needsOurs, needsSystemd } from "../helpers/needs.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { assertNoUnits, unitProperties } from "../helpers/systemd.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const MIB = 1024 * 1024;
const OPTIONS: ContainerTestOptions = {
  needs: [needsSystemd, needsOurs, ...["memory", "cpu", "cpuset", "pids", "devices", "freezer"].map(needsCgroupV1)],
};

containerTest(
  "systemd makes the scope in the hierarchies of v1, its limits and devices outlast a reload, and nothing is left",
  async (box) => {
    const unit = `tests-${box.id}.scope`;
    box.config.linux.cgroupsPath = `mdr-test.slice:tests:${box.id}`;
    Object.assign(box.config.linux.resources, LIMITS);
    box.setCommands(["sleep", "600000"]);
    box.writeConfig();
    await systemd(box, "run", "--detach", "--bundle", box.bundle, box.id);
    const { pid } = await box.state();
    for (const line of readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n")) {
      assert.ok(line.endsWith(`:/mdr.slice/mdr-test.slice/${unit}`), line);
    }
    assert.deepEqual(await unitProperties(box, unit, ...Object.keys(PROPERTIES)), PROPERTIES);
    assert.deepEqual(files(unit), FILES);
    const devices = read("devices", unit, "devices.list");
    assert.match(devices, /^c 1:3 rwm$/m);
    assert.doesNotMatch(devices, /^a /m);
    assertSuccess(await box.program(["systemctl", "daemon-reload"]));
    assert.deepEqual(files(unit), FILES);
    assert.equal(read("devices", unit, "devices.list"), devices);
    await systemd(box, "update", "--memory=80m", "--pids-limit=23", box.id);
    assertSuccess(await box.program(["systemctl", "daemon-reload"]));
    assert.deepEqual(files(unit), { ...FILES, "memory.limit_in_bytes": String(80 * MIB), "pids.max": "23" });
    const exec = await systemd(box, "exec", box.id, "/probe", "cat", "/proc/self/cgroup");
    assert.match(exec.stdout, new RegExp(`devices:/mdr.slice/mdr-test.slice/${unit}`));
    await box.must("pause");
    assert.equal((await box.state()).status, "paused");
    await systemd(box, "delete", "--force", box.id);
    await assertNoUnits(box);
    await box.assertNoTraces();
  },
  OPTIONS,
);

const LIMITS = {
  memory: { limit: 64 * MIB },
  cpu: { shares: 512, quota: 50_000, period: 100_000, cpus: "0", mems: "0" },
  pids: { limit: 17 },
} as const;

const PROPERTIES: Readonly<Record<string, string>> = {
  Slice: "mdr-test.slice",
  DevicePolicy: "strict",
  CPUShares: "512",
  CPUQuotaPerSecUSec: "500ms",
  MemoryLimit: String(64 * MIB),
  TasksMax: "17",
};

const FILES: Readonly<Record<string, string>> = {
  "memory.limit_in_bytes": String(64 * MIB),
  "cpu.shares": "512",
  "cpu.cfs_quota_us": "50000",
  "cpuset.cpus": "0",
  "pids.max": "17",
};

containerTest(
  "limits of v1 hold in a scope, and a scope that memory ran out in leaves no unit",
  async (box) => {
    box.config.linux.cgroupsPath = `mdr-test.slice:tests:${box.id}`;
    Object.assign(box.config.linux.resources, { memory: { limit: 32 * MIB, swap: 32 * MIB }, pids: { limit: 10 } });
    box.setCommands(["fork", "20"], ["alloc", String(128 * MIB)]);
    box.writeConfig();
    const result = await box.runtime(["--systemd-cgroup", "run", "--bundle", box.bundle, box.id]);
    assert.equal(result.status, 137, result.stderr);
    assert.match(result.stdout, /"forked":9,"error":"EAGAIN"/);
    await assertNoUnits(box);
    await box.assertNoTraces();
  },
  OPTIONS,
);

containerTest(
  "the runtime makes its own cgroups in both versions beside systemd's",
  async (box) => {
    box.config.linux.resources.pids = { limit: 10 };
    const [fork] = await box.look(["fork", "20"]);
    assert.deepEqual(fork, { forked: 9, error: "EAGAIN" });
    await box.assertNoTraces();
  },
  OPTIONS,
);

function files(unit: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(FILES).map((name) => [name, read(name.slice(0, name.indexOf(".")), unit, name)]),
  );
}

function read(controller: string, unit: string, file: string): string {
  return readFileSync(`${cgroupV1Directory(controller)}/mdr.slice/mdr-test.slice/${unit}/${file}`, "utf8").trim();
}

async function systemd(box: TestBox, ...args: readonly string[]): Promise<ProgramResult> {
  const result = await box.runtime(["--systemd-cgroup", ...args]);
  assertSuccess(result);
  return result;
}
