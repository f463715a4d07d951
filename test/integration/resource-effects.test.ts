import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import {
  cgroupV1Directory,
  type Need,
  needsCgroupV1,
  needsCgroupV2,
  needsOurs,
  needsPath,
  needsProgram,
} from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { until } from "../helpers/until.ts";

const MEBIBYTE = 1024 * 1024;

/** More than all others on this machine together: what is measured is the limit, not who else works. */
const LARGEST_SHARES = 262_144;
const TRIES = 3;

containerTest(
  "a quota of half a processor is half a processor",
  async (box) => {
    box.config.linux.resources.cpu = { quota: 50_000, period: 100_000, shares: LARGEST_SHARES };
    let share = 0;
    // It may get less on a machine that has no half of a processor left, but never more.
    for (let time = 0; time < TRIES && share < 0.45; time++) {
      const [spin] = await box.look(["spin", "3000"]);
      share = spin.cpuMs / spin.wallMs;
      assert.ok(share <= 0.55, `got ${share} of a processor`);
    }
    assert.ok(share >= 0.45, `got ${share} of a processor`);
  },
  { needs: [needsController("cpu")] },
);

containerTest(
  "the shares of a processor are kept to",
  async (box) => {
    // The weights of v2 are not proportional: 1024 and 8192 are 100 and 409 there, and 8 to 1 in v1.
    const least = cgroupV1Directory("cpu") === undefined ? 2 : 4;
    const rivals = [await createSpinner(box, "small", 1024), await createSpinner(box, "large", 8192)];
    await Promise.all(rivals.map(({ id }) => box.runtime(["start", id])));
    const [small = 0, large = 0] = await Promise.all(rivals.map(({ cpuMs }) => cpuMs()));
    assert.ok(large > least * small, `${large} ms and ${small} ms`);
  },
  { needs: [needsController("cpu"), needsController("cpuset"), needsOurs] },
);

containerTest(
  "an idle container leaves the processor to one with the same shares",
  async (box) => {
    const [idle, busy] = [
      await startSpinner(box, "idle", { idle: 1 }),
      await startSpinner(box, "busy", { shares: 1024 }),
    ];
    // Both have begun, and what they get from here on counts.
    await until("both spin", () => idle() > 0 && busy() > 0);
    const [idleBefore, busyBefore] = [idle(), busy()];
    await until("the busy one gets 500 ms", () => busy() - busyBefore > 500);
    const [idleMs, busyMs] = [idle() - idleBefore, busy() - busyBefore];
    assert.ok(busyMs > 10 * idleMs, `${busyMs} ms and ${idleMs} ms`);
  },
  { needs: [needsCgroupV1("cpuacct"), needsPath("/sys/fs/cgroup/cpu/cpu.idle"), needsOurs] },
);

containerTest(
  "what a quota has left is spent in a burst",
  async (box) => {
    box.config.linux.resources.cpu = { quota: 20_000, period: 100_000, burst: 20_000, shares: LARGEST_SHARES };
    const turn = [
      ["sleep", "300"],
      ["spin", "300"],
    ] as const;
    // On a busy machine a turn may pass without one.
    await box.started(...turn, ...turn, ...turn, ["sleep", "60000"]);
    const directory = `${cgroupV1Directory("cpu")}${pathIn(await pidOf(box), "cpu")}`;
    await box.fileHas(`${directory}/cpu.stat`, /^nr_bursts [1-9]/m);
  },
  { needs: [needsCgroupV1("cpu"), needsPath("/sys/fs/cgroup/cpu/cpu.cfs_burst_us"), needsOurs] },
);

containerTest(
  "without the OOM killer a process waits at the limit of memory, until update raises it",
  async (box) => {
    box.config.linux.resources.memory = { limit: 16 * MEBIBYTE, swap: 16 * MEBIBYTE, disableOOMKiller: true };
    const output = await box.started(["alloc", String(32 * MEBIBYTE)], ["sleep", "60000"]);
    const directory = `${cgroupV1Directory("memory")}${pathIn(await pidOf(box), "memory")}`;
    await box.fileHas(`${directory}/memory.oom_control`, /under_oom 1/);
    assert.equal((await box.state()).status, "running");
    await box.must("update", "--memory=64M", "--memory-swap=64M");
    await output.waitForOutput(/"ok":true/);
  },
  { needs: [needsCgroupV1("memory"), needsPath("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"), needsOurs] },
);

containerTest(
  "a limit on huge pages holds for what is taken of them",
  async (box) => {
    await withHugePages(4, async () => {
      box.config.linux.resources.hugepageLimits = [{ pageSize: "2MB", limit: 4 * MEBIBYTE }];
      const [within, beyond] = await box.look(
        ["alloc-huge", String(4 * MEBIBYTE)],
        ["alloc-huge", String(6 * MEBIBYTE)],
      );
      // Of what is reserved, which is where both limits are: at the limit of what is used the process would get SIGBUS.
      assert.deepEqual([within, beyond], [{ ok: true }, { error: "ENOMEM" }]);
    });
  },
  {
    needs: [needsController("hugetlb"), needsPath("/sys/kernel/mm/hugepages/hugepages-2048kB"), needsReserved],
    peerDeviations: { crun: "1.8.1 does not limit what is reserved" },
  },
);

for (const [member, access] of [
  ["throttleReadBpsDevice", "r"],
  ["throttleWriteBpsDevice", "w"],
  ["throttleReadIOPSDevice", "r"],
  ["throttleWriteIOPSDevice", "w"],
] as const) {
  containerTest(
    `linux.resources.blockIO.${member} slows a device down`,
    async (box) => {
      await withLoopDevice(box, async (numbers) => {
        const device = { path: "/dev/disk", type: "b", ...numbers };
        box.config.linux.devices = [device];
        box.config.linux.resources.devices = [
          { allow: false, access: "rwm" },
          { allow: true, type: "b", ...numbers, access: "rwm" },
        ];
        const command = ["disk", "/dev/disk", access, String(2 * MEBIBYTE)] as const;
        const [free] = await box.look(command);
        // 32 blocks of 64 KiB, at 16 of them a second.
        const rate = member.includes("IOPS") ? 16 : MEBIBYTE;
        box.config.linux.resources.blockIO = { [member]: [{ ...numbers, rate }] };
        const [slow] = await box.look(command);
        assert.ok(
          succeeded(slow) > 1500 && succeeded(slow) > 2 * succeeded(free),
          `${slow} ms, and ${free} ms without`,
        );
      });
    },
    { needs: [needsEither("blkio", "io"), needsProgram("losetup"), needsOurs] },
  );
}

/** The same controller of either version. */
function needsController(name: string): Need {
  return needsEither(name, name);
}

function needsEither(v1: string, v2: string): Need {
  return () => (needsCgroupV1(v1)() === undefined ? undefined : needsCgroupV2(v2)());
}

function needsReserved(): string | undefined {
  const directory = cgroupV1Directory("hugetlb");
  return directory === undefined ? undefined : needsPath(`${directory}/hugetlb.2MB.rsvd.limit_in_bytes`)();
}

/** A container that wants all of a processor that others want as well. */
async function createSpinner(box: TestBox, suffix: string, shares: number): Promise<Spinner> {
  const id = box.otherId(suffix);
  box.config.linux.resources.cpu = { shares, cpus: "0", mems: "0" };
  box.setCommands(["spin", "3000"]);
  box.writeConfig();
  const creation = box.launch(["create", "--bundle", box.bundle, id]);
  assertSuccess(await creation.ended);
  const cpuMs = async () => {
    await creation.waitForOutput(/\n/);
    return box.reports(creation.stdout, ["spin", "3000"])[0].cpuMs;
  };
  return { id, cpuMs };
}

/** A container that spins on the first processor until the test ends; gives what it has got of it, in milliseconds. */
async function startSpinner(
  box: TestBox,
  suffix: string,
  cpu: Readonly<Record<string, number>>,
): Promise<() => number> {
  const id = box.otherId(suffix);
  box.config.linux.resources.cpu = { ...cpu, cpus: "0", mems: "0" };
  box.setCommands(["spin", "600000"]);
  box.writeConfig();
  assertSuccess(await box.runtime(["run", "--detach", "--bundle", box.bundle, id]));
  const { pid } = JSON.parse((await box.runtime(["state", id])).stdout);
  const file = `${cgroupV1Directory("cpuacct")}${pathIn(pid, "cpuacct")}/cpuacct.usage`;
  return () => Number(readFileSync(file, "utf8")) / 1e6;
}

interface Spinner {
  readonly id: string;
  /** What it got, once it has ended. */
  readonly cpuMs: () => Promise<number>;
}

async function pidOf(box: TestBox): Promise<number> {
  return Number((await box.state()).pid);
}

/** A process's path in a hierarchy of v1. */
function pathIn(pid: number, controller: string): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  return lines.find((line) => line.split(":")[1]?.split(",").includes(controller))?.split(":")[2] ?? "";
}

const HUGE_PAGES = "/proc/sys/vm/nr_hugepages";

/** The kernel's pool of huge pages has this many more for a while. */
async function withHugePages(count: number, body: () => Promise<void>): Promise<void> {
  const before = readFileSync(HUGE_PAGES, "utf8").trim();
  writeFileSync(HUGE_PAGES, String(Number(before) + count));
  try {
    await body();
  } finally {
    writeFileSync(HUGE_PAGES, before);
  }
}

async function withLoopDevice(
  box: TestBox,
  body: (numbers: { readonly major: number; readonly minor: number }) => Promise<void>,
): Promise<void> {
  const file = box.path("disk");
  writeFileSync(file, Buffer.alloc(4 * MEBIBYTE));
  await box.program(["modprobe", "loop"]);
  const device = execFileSync("losetup", ["--find", "--show", file], { encoding: "utf8" }).trim();
  try {
    const [major = 0, minor = 0] = readFileSync(`/sys/block/${device.slice("/dev/".length)}/dev`, "utf8")
      .split(":")
      .map(Number);
    await body({ major, minor });
  } finally {
    execFileSync("losetup", ["--detach", device]);
  }
}
