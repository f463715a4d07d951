import assert from "node:assert/strict";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV2, needsCriu, needsOurs, needsSystemd } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { assertNoUnits, unitProperties } from "../helpers/systemd.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { cgroupV2Of, readCgroupV2 } from "../helpers/unified.ts";

const MIB = 1024 * 1024;
const OPTIONS: ContainerTestOptions = { needs: [needsSystemd, needsCgroupV2("memory"), needsOurs] };

containerTest(
  "systemd makes the scope that cgroupsPath names, with the limits as its properties",
  async (box) => {
    const unit = named(box);
    Object.assign(box.config.linux.resources, {
      memory: { limit: 64 * MIB, reservation: 32 * MIB, swap: 96 * MIB },
      cpu: { shares: 512, quota: 50_000, period: 200_000, cpus: "0", mems: "0" },
      pids: { limit: 17 },
      unified: { "memory.high": "60000000" },
    });
    box.config.annotations = { "org.systemd.property.TimeoutStopSec": "uint64 7" };
    await created(box);
    assert.equal(await cgroupV2Of(box), `/sys/fs/cgroup/mdr.slice/mdr-test.slice/${unit}`);
    const { Description, ...limits } = await unitProperties(box, unit, "Description", ...Object.keys(PROPERTIES));
    assert.deepEqual(limits, PROPERTIES);
    assert.equal(Description, `container ${box.id}`);
    for (const [file, text] of Object.entries(FILES)) assert.equal(await readCgroupV2(box, file), text, file);
    await systemd(box, "delete", "--force", box.id);
    await assertNoUnits(box);
  },
  OPTIONS,
);

const PROPERTIES: Readonly<Record<string, string>> = {
  Slice: "mdr-test.slice",
  Delegate: "yes",
  CPUWeight: "59",
  CPUQuotaPerSecUSec: "250ms",
  CPUQuotaPeriodUSec: "200ms",
  AllowedCPUs: "0",
  AllowedMemoryNodes: "0",
  MemoryLow: String(32 * MIB),
  MemoryHigh: "60000000",
  MemoryMax: String(64 * MIB),
  MemorySwapMax: String(32 * MIB),
  TasksMax: "17",
  TimeoutStopUSec: "7s",
};

const FILES: Readonly<Record<string, string>> = {
  "memory.max": String(64 * MIB),
  "memory.swap.max": String(32 * MIB),
  "cpu.weight": "59",
  "cpu.max": "50000 200000",
  "cpuset.cpus": "0",
  "pids.max": "17",
};

containerTest(
  "limits hold for a container in a scope, which is gone when run has ended",
  async (box) => {
    named(box);
    box.config.linux.namespaces.push({ type: "cgroup" });
    Object.assign(box.config.linux.resources, { pids: { limit: 10 } });
    box.setCommands(["fork", "20"], ["cat", "/proc/self/cgroup"], ["open", "/dev/null", "rw"]);
    const result = await run(box);
    assertSuccess(result);
    const [fork, cgroup, open] = box.reports(
      result.stdout,
      ["fork", "20"],
      ["cat", "/proc/self/cgroup"],
      ["open", "/dev/null", "rw"],
    );
    assert.deepEqual(fork, { forked: 9, error: "EAGAIN" });
    assert.equal(succeeded(cgroup), "0::/\n");
    assert.deepEqual(open, { ok: true });
    await assertNoUnits(box);
  },
  OPTIONS,
);

containerTest(
  "the name of a scope is free at once when its container is deleted",
  async (box) => {
    named(box);
    box.config.linux.resources = { pids: { limit: 1 } };
    for (let times = 0; times < 3; times++) {
      box.setCommands(["sleep", "600000"]);
      await created(box);
      await systemd(box, "start", box.id);
      await systemd(box, "delete", "--force", box.id);
    }
    await assertNoUnits(box);
  },
  OPTIONS,
);

containerTest(
  "a scope that memory ran out in leaves no failed unit",
  async (box) => {
    named(box);
    Object.assign(box.config.linux.resources, { memory: { limit: 32 * MIB, swap: 32 * MIB } });
    box.setCommands(["alloc", String(128 * MIB)]);
    assert.equal((await run(box)).status, 137);
    await assertNoUnits(box);
  },
  OPTIONS,
);

containerTest(
  "update goes through systemd, and lasts when it reloads",
  async (box) => {
    const unit = named(box);
    box.setCommands(["sleep", "600000"]);
    await created(box);
    await systemd(box, "start", box.id);
    await systemd(box, "update", "--memory=80m", "--pids-limit=23", "--cpu-share=1024", box.id);
    const { MemoryMax, TasksMax, CPUWeight } = await unitProperties(box, unit, "MemoryMax", "TasksMax", "CPUWeight");
    assert.deepEqual([MemoryMax, TasksMax, CPUWeight], [String(80 * MIB), "23", "100"]);
    assertSuccess(await box.program(["systemctl", "daemon-reload"]));
    assert.equal(await readCgroupV2(box, "memory.max"), String(80 * MIB));
    assert.equal(await readCgroupV2(box, "pids.max"), "23");
  },
  OPTIONS,
);

containerTest(
  "an update that ends idleness lasts when systemd reloads",
  async (box) => {
    named(box);
    box.config.linux.resources.cpu = { idle: 1 };
    await created(box);
    assert.equal(await readCgroupV2(box, "cpu.idle"), "1");
    await systemd(box, "update", "--cpu-idle=0", box.id);
    assertSuccess(await box.program(["systemctl", "daemon-reload"]));
    assert.deepEqual([await readCgroupV2(box, "cpu.idle"), await readCgroupV2(box, "cpu.weight")], ["0", "100"]);
  },
  OPTIONS,
);

containerTest(
  "systemd knows the list of devices, and a device that it denies can be opened after an update of it",
  async (box) => {
    const unit = named(box);
    box.config.linux.resources.devices = [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", minor: NOBODYS.minor, access: "r" },
    ];
    box.config.linux.devices = [{ path: "/dev/nobody", type: "c", ...NOBODYS }];
    box.setCommands(["sleep", "600000"]);
    await created(box);
    await systemd(box, "start", box.id);
    const open = async (flags: string) =>
      (await systemd(box, "exec", box.id, "/probe", "open", "/dev/nobody", flags)).stdout;
    // There is no driver, but asking is allowed: also where systemd has no words for it.
    assert.deepEqual([await open("r"), await open("w")].map(errorOf), ["ENXIO", "EPERM"]);
    const { DevicePolicy, DeviceAllow } = await unitProperties(box, unit, "DevicePolicy", "DeviceAllow");
    assert.equal(DevicePolicy, "strict");
    assert.equal(DeviceAllow, "char-* rm"); // the last line of several
    await update(box, [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", ...NOBODYS, access: "w" },
    ]);
    assertSuccess(await box.program(["systemctl", "daemon-reload"]));
    assert.deepEqual([await open("r"), await open("w")].map(errorOf), ["EPERM", "ENXIO"]);
  },
  OPTIONS,
);

/** For experiments: no driver has it. Source: the kernel's admin-guide/devices.txt. */
const NOBODYS = { major: 240, minor: 250 } as const;

function errorOf(report: string): string {
  return /"error":"(\w+)"/.exec(report)?.[1] ?? report;
}

async function update(box: TestBox, devices: readonly object[]): Promise<void> {
  const args = ["--systemd-cgroup", "update", "--resources=-", box.id];
  assertSuccess(await box.runtime(args, { stdin: JSON.stringify({ devices }) }));
}

containerTest(
  "exec, pause and resume work in a scope",
  async (box) => {
    const unit = named(box);
    box.setCommands(["sleep", "600000"]);
    await created(box);
    await systemd(box, "start", box.id);
    const { stdout } = await systemd(box, "exec", box.id, "/probe", "cat", "/proc/self/cgroup");
    assert.match(stdout, new RegExp(`/${unit}`));
    await systemd(box, "pause", box.id);
    assert.equal((await box.state()).status, "paused");
    await systemd(box, "resume", box.id);
    assert.equal((await box.state()).status, "running");
  },
  OPTIONS,
);

containerTest(
  "a container is restored into a scope of its own, with its limits, and none is left of the first",
  async (box) => {
    const unit = named(box);
    box.config.linux.resources = { pids: { limit: 17 }, memory: { limit: 64 * MIB } };
    box.setCommands(["sleep", "600000"]);
    box.writeConfig();
    const quiet = ["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh"];
    const argv = box.argv(["--systemd-cgroup", "run", "--detach", "--bundle", box.bundle, box.id]);
    assertSuccess(await box.program([...quiet, ...argv]));
    const images = ["--image-path", box.path("images")];
    await systemd(box, "checkpoint", ...images, box.id);
    await assertNoUnits(box);
    await systemd(box, "restore", ...images, "--bundle", box.bundle, "--detach", box.id);
    assert.equal((await box.state()).status, "running");
    assert.equal(await cgroupV2Of(box), `/sys/fs/cgroup/mdr.slice/mdr-test.slice/${unit}`);
    const properties = await unitProperties(box, unit, "ActiveState", "TasksMax", "MemoryMax");
    assert.deepEqual(properties, { ActiveState: "active", TasksMax: "17", MemoryMax: String(64 * MIB) });
    assert.equal(await readCgroupV2(box, "pids.max"), "17");
    await systemd(box, "delete", "--force", box.id);
    await assertNoUnits(box);
  },
  { needs: [...(OPTIONS.needs ?? []), needsCriu] },
);

containerTest(
  "a container that cannot be made leaves no unit, and a unit that is there already is told",
  async (box) => {
    const unit = named(box);
    box.config.process.args = ["/does-not-exist"];
    assert.notEqual((await run(box)).status, 0);
    await assertNoUnits(box);
    assertSuccess(
      await box.program(["systemd-run", `--unit=${unit}`, "--scope", "--collect", "sh", "-c", "sleep 60 &"]),
    );
    box.setCommands(["cwd"]);
    const { status, stderr } = await run(box);
    assert.notEqual(status, 0);
    assert.match(stderr, new RegExp(`unit "${unit}".*already loaded`));
    assertSuccess(await box.program(["systemctl", "is-active", unit]));
    await box.program(["systemctl", "kill", "--signal=KILL", unit]);
  },
  OPTIONS,
);

containerTest(
  "cgroupsPath must be slice:prefix:name",
  async (box) => {
    box.config.linux.cgroupsPath = `/${box.id}`;
    const { status, stderr } = await run(box);
    assert.notEqual(status, 0);
    assert.match(stderr, /\/linux\/cgroupsPath: .*must be "slice:prefix:name"/);
  },
  OPTIONS,
);

containerTest(
  "--systemd-cgroup is refused where systemd is not the first process",
  async (box) => {
    box.setCommands(["cwd"]);
    const { status, stderr } = await run(box);
    assert.notEqual(status, 0);
    assert.match(stderr, /systemd is not the first process of this host/);
    await box.assertNoTraces();
  },
  { needs: [needsOurs, () => (needsSystemd() === undefined ? "needs a host without systemd" : undefined)] },
);

/** Gives the container a scope in a slice of these tests, and returns the unit's name. */
function named(box: TestBox): string {
  box.config.linux.cgroupsPath = `mdr-test.slice:tests:${box.id}`;
  return `tests-${box.id}.scope`;
}

async function created(box: TestBox): Promise<void> {
  box.writeConfig();
  await systemd(box, "create", "--bundle", box.bundle, box.id);
}

function run(box: TestBox): Promise<ProgramResult> {
  box.writeConfig();
  return box.runtime(["--systemd-cgroup", "run", "--bundle", box.bundle, box.id]);
}

async function systemd(box: TestBox, ...args: readonly string[]): Promise<ProgramResult> {
  const result = await box.runtime(["--systemd-cgroup", ...args]);
  assertSuccess(result);
  return result;
}
