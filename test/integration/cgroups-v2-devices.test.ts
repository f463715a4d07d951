import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV2, needsOurs, needsProgram } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { cgroupV2Of, readCgroupV2 } from "../helpers/unified.ts";

const NULL_DEVICE = { type: "c", major: 1, minor: 3 } as const;
/** For experiments: no driver has it. Source: the kernel's admin-guide/devices.txt. */
const NOBODYS = { major: 240, minor: 250 } as const;
const OTHERS = { major: 240, minor: 251 } as const;
const UPDATES = 5;

const IO: ContainerTestOptions = { needs: [needsCgroupV2("io"), needsProgram("modprobe"), needsOurs] };
const BLOCK = 64 * 1024;
const BLOCKS = 200;

containerTest(
  "a device that the list denies cannot be opened, until update allows it, and the other way round",
  async (box) => {
    box.config.linux.resources.devices = [{ allow: false, access: "rwm" }];
    box.config.linux.devices = [{ path: "/dev/nobody", type: "c", ...NOBODYS }];
    const opens = async () => (await box.must("exec", "/probe", "open", "/dev/nobody", "r")).stdout;
    await box.started(["sleep", "600000"]);
    assert.match(await opens(), /EPERM/);
    const rule = { allow: true, type: "c", ...NOBODYS, access: "rwm" } as const;
    await update(box, { devices: [{ allow: false, access: "rwm" }, rule] });
    assert.match(await opens(), /ENXIO/); // there is no driver, but asking is allowed
    await update(box, {
      devices: [
        { allow: false, access: "rwm" },
        { allow: true, ...NULL_DEVICE, access: "rwm" },
      ],
    });
    assert.match(await opens(), /EPERM/);
  },
  { needs: [needsCgroupV2("pids"), needsOurs] },
);

containerTest(
  "an update of devices takes nothing that both lists allow, and gives nothing that neither does, for a moment",
  async (box) => {
    box.config.linux.devices = [
      { path: "/dev/nobody", type: "c", ...NOBODYS },
      { path: "/dev/other", type: "c", ...OTHERS },
    ];
    const listWith = (...minors: readonly number[]) => [
      { allow: false, access: "rwm" },
      ...[NOBODYS.minor, ...minors].map((minor) => ({ ...NOBODYS, allow: true, type: "c", minor, access: "rwm" })),
    ];
    box.config.linux.resources.devices = listWith();
    const command = ["opens", "/stop", "/dev/nobody", "/dev/other"] as const;
    const output = await box.started(command);
    for (let times = 0; times < UPDATES; times++) await update(box, { devices: listWith(times, times + 1) });
    writeFileSync(box.inRootfs("stop"), "");
    await output.waitForOutput(/\n/);
    const [[allowed, denied]] = box.reports(output.stdout, command);
    assert.deepEqual([allowed.couldNot, denied.could], [0, 0]);
    assert.ok(allowed.could > 0 && denied.couldNot > 0, output.stdout);
  },
  { needs: [needsCgroupV2("pids"), needsOurs] },
);

containerTest(
  "weights of I/O are I/O cost control's, or BFQ's where the kernel has loaded that, which keeps to them",
  async (box) => {
    await withSlowDisk(box, async (numbers) => {
      const device = `${numbers.major}:${numbers.minor}`;
      const weighted = { weight: 500, weightDevice: [{ ...numbers, weight: 200 }] };
      const costs = (enable: number) => writeFileSync("/sys/fs/cgroup/io.cost.qos", `${device} enable=${enable}`);
      // Its weights of devices are for those alone that it is switched on for.
      costs(1);
      assert.deepEqual(await weightsIn(box, "io.weight", weighted), ["default 4950", `${device} 1920`]);
      costs(0);
      // BFQ is loaded when it is asked for as the scheduler, and the file of its weights comes with it.
      writeFileSync(`/sys/dev/block/${device}/queue/scheduler`, "bfq");
      assert.deepEqual(await weightsIn(box, "io.bfq.weight", weighted), ["default 500", `${device} 200`]);
      const [light = 0, heavy = 0] = await race(box, numbers, [100, 1000]);
      assert.ok(heavy < 0.75 * light, `${heavy} ms with ten times the weight, and ${light} ms`);
    });
  },
  IO,
);

containerTest(
  "limits of RDMA are the kernel's for the device, and one that is not there is refused",
  async (box) => {
    await withRdmaDevice(box, async (name) => {
      box.config.linux.resources.rdma = { [name]: { hcaHandles: 2, hcaObjects: 100 } };
      await box.created();
      assert.equal(await readCgroupV2(box, "rdma.max"), `${name} hca_handle=2 hca_object=100`);
      // Linux 6.1 keeps a limit beyond its cgroup, and walks into freed memory when the device goes.
      writeFileSync(join(await cgroupV2Of(box), "rdma.max"), `${name} hca_handle=max hca_object=max`);
      await box.must("delete", "--force");
      box.config.linux.resources.rdma = { [`${name}x`]: { hcaHandles: 2 } };
      const { status, stderr } = await box.create();
      assert.notEqual(status, 0);
      assert.match(stderr, /\/linux\/resources\/rdma\//);
      await box.assertNoTraces();
    });
  },
  { needs: [needsCgroupV2("rdma"), ...["modprobe", "rdma", "ip"].map(needsProgram), needsOurs] },
);

async function update(box: TestBox, resources: object): Promise<void> {
  const { status, stderr } = await box.runtime(["update", "--resources=-", box.id], {
    stdin: JSON.stringify(resources),
  });
  assert.equal(status, 0, stderr);
}

interface Numbers {
  readonly major: number;
  readonly minor: number;
}

/** The lines of a new container's file. */
async function weightsIn(box: TestBox, file: string, blockIO: object): Promise<readonly string[]> {
  box.config.linux.resources.blockIO = blockIO;
  await box.created();
  const text = await readCgroupV2(box, file);
  await box.must("delete", "--force");
  return text.split("\n");
}

/** Containers with these weights read as much from the disk, at once: how many milliseconds that takes each. */
async function race(box: TestBox, numbers: Numbers, weights: readonly number[]): Promise<readonly number[]> {
  box.config.linux.devices = [{ path: "/dev/disk", type: "b", ...numbers }];
  box.config.linux.resources.devices = [
    { allow: false, access: "rwm" },
    { allow: true, type: "b", ...numbers, access: "rwm" },
  ];
  const disk = ["disk", "/dev/disk", "r", String(BLOCKS * BLOCK)] as const;
  const racers = [];
  for (const weight of weights) {
    const id = box.otherId(`weight${weight}`);
    box.config.linux.resources.blockIO = { weight };
    box.setCommands(["await", "/go"], disk);
    box.writeConfig();
    const creation = box.launch(["create", "--bundle", box.bundle, id]);
    assertSuccess(await creation.ended);
    assertSuccess(await box.runtime(["start", id]));
    racers.push(creation);
  }
  writeFileSync(box.inRootfs("go"), "");
  for (const racer of racers) await racer.waitForOutput(/\n/);
  return racers.map(({ stdout }) => succeeded(box.reports(stdout, disk)[0]));
}

/** A disk that takes 5 ms for whatever is asked of it, one thing at a time. */
async function withSlowDisk(box: TestBox, body: (numbers: Numbers) => Promise<void>): Promise<void> {
  const parameters = ["nr_devices=1", "irqmode=2", "completion_nsec=5000000", "hw_queue_depth=1", "submit_queues=1"];
  assertSuccess(await box.program(["modprobe", "null_blk", ...parameters]));
  try {
    const [major = 0, minor = 0] = readFileSync("/sys/block/nullb0/dev", "utf8").split(":").map(Number);
    await body({ major, minor });
  } finally {
    assertSuccess(await box.program(["modprobe", "--remove", "null_blk"]));
  }
}

/** A device of the kernel's own, over a network device without any wire. */
async function withRdmaDevice(box: TestBox, body: (name: string) => Promise<void>): Promise<void> {
  const name = `mdr${process.pid % 100_000}r`;
  for (const argv of [
    ["ip", "link", "add", name, "up", "type", "dummy"],
    ["modprobe", "rdma_rxe"],
    ["rdma", "link", "add", name, "type", "rxe", "netdev", name],
  ]) {
    assertSuccess(await box.program(argv));
  }
  try {
    await body(name);
  } finally {
    await box.program(["rdma", "link", "delete", name]);
    await box.program(["ip", "link", "delete", name]);
  }
}
