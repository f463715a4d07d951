import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { compileCgroup } from "../../../src/cgroup/compile-cgroup.ts";
import type { CgroupFacts } from "../../../src/cgroup/facts.ts";
import type { Resources } from "../../../src/config/types.gen.ts";
import { cgroupV1Directory, needsCgroupV1, needsPath } from "../../helpers/needs.ts";
import { RUNTIME } from "../../helpers/runtime-under-test.ts";
import type { TestBox } from "../../helpers/test-box.ts";
import { UNIFIED_HOST } from "../../unit/cgroup/hosts.ts";
import { assertRefused, assertRequired, plannedRequirement, requirement } from "../requirement.ts";

const DEVICES = "config-linux.md#allowed-device-list";
const FUSE = { type: "c", major: 10, minor: 229 } as const;

requirement(
  DEVICES,
  { id: "MD-CL-39", says: "entries of resources.devices are applied in the listed order" },
  async (box) => {
    box.config.linux.devices = [{ path: "/dev/fuse", fileMode: 0o666, ...FUSE }];
    box.config.linux.resources.devices = [
      { allow: false, access: "rwm" },
      { allow: true, ...FUSE, access: "rw" },
      { allow: false, ...FUSE, access: "w" },
    ];
    const [read, write] = await box.look(["open", "/dev/fuse", "r"], ["open", "/dev/fuse", "w"]);
    assert.deepEqual([read, write], [{ ok: true }, { error: "EPERM" }]);
  },
  { needs: [needsCgroupV1("devices"), needsPath("/dev/fuse")] },
);

requirement(DEVICES, { id: "MD-CL-40", level: "REQUIRED", says: "an entry of resources.devices has allow" }, (box) => {
  const entry = { allow: true, ...FUSE, access: "rw" };
  box.config.linux.resources.devices?.push(entry);
  return assertRequired(box, entry, "allow");
});

const MEBIBYTE = 1024 * 1024;

requirement(
  "config-linux.md#memory",
  { id: "MD-CL-41", says: "with checkBeforeUpdate a limit below the usage is refused", since: "1.1" },
  async (box) => {
    await chargeCgroup(box, `${box.id}-used`, 16);
    box.config.linux.cgroupsPath = `/${box.id}-used`;
    box.config.linux.resources.memory = { limit: 8 * MEBIBYTE, checkBeforeUpdate: true };
    const { status } = await box.create();
    rmSync(box.path("charge/file"));
    for (const cgroup of box.traces().cgroups.toReversed()) await box.program(["rmdir", cgroup]);
    assert.notEqual(status, 0, "the limit was accepted");
  },
  { needs: [needsCgroupV1("memory")] },
);

requirement(
  "config-linux.md#cpu",
  [
    { id: "MD-CL-42", says: "a quota is no smaller than burst", since: "1.1" },
    { id: "MD-CL-43", says: "burst is no larger than a quota", since: "1.1" },
  ],
  async (box) => {
    box.config.linux.resources.cpu = { quota: 20_000, period: 100_000, burst: 30_000 };
    // It need not be an error, but it must not be so.
    if ((await box.create()).status !== 0) return;
    const { pid } = await box.state();
    const path = /^\d+:cpu(?:,\w+)?:(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? "";
    const directory = `${cgroupV1Directory("cpu")}${path}`;
    const [burst, quota] = ["cpu.cfs_burst_us", "cpu.cfs_quota_us"].map((file) =>
      Number(readFileSync(`${directory}/${file}`, "utf8")),
    );
    assert.ok((burst ?? 0) <= (quota ?? 0));
  },
  { needs: [needsCgroupV1("cpu")] },
);

interface EntryRow {
  readonly id: `MD-CL-${number}`;
  readonly says: string;
  readonly level?: "MUST" | "REQUIRED";
  readonly at: "block-io" | "huge-page-limits" | "network" | "rdma";
  /** A setting that lacks what it has to have. */
  readonly resources: object;
}

const WEIGHT_DEVICE = { major: 8, minor: 0, weight: 500 };
const RATE = { major: 8, minor: 0, rate: 1_000_000 };

const ENTRY_ROWS: readonly EntryRow[] = [
  {
    ...blockIo("MD-CL-44", "an entry of blockIO.weightDevice has major and minor numbers"),
    resources: { blockIO: { weightDevice: [without(WEIGHT_DEVICE, "minor")] } },
  },
  {
    ...blockIo("MD-CL-45", "an entry of blockIO.weightDevice has weight or leafWeight"),
    level: "MUST",
    resources: { blockIO: { weightDevice: [without(WEIGHT_DEVICE, "weight")] } },
  },
  {
    ...blockIo("MD-CL-46", "an entry of blockIO.throttleReadBpsDevice has major and minor numbers"),
    resources: { blockIO: { throttleReadBpsDevice: [without(RATE, "major")] } },
  },
  {
    ...blockIo("MD-CL-47", "an entry of blockIO.throttleReadBpsDevice has a rate"),
    resources: { blockIO: { throttleReadBpsDevice: [without(RATE, "rate")] } },
  },
  {
    ...blockIo("MD-CL-48", "an entry of blockIO.throttleWriteIOPSDevice has major and minor numbers"),
    resources: { blockIO: { throttleWriteIOPSDevice: [without(RATE, "minor")] } },
  },
  {
    ...blockIo("MD-CL-49", "an entry of blockIO.throttleWriteIOPSDevice has a rate"),
    resources: { blockIO: { throttleWriteIOPSDevice: [without(RATE, "rate")] } },
  },
  {
    id: "MD-CL-50",
    says: "an entry of hugepageLimits has a pageSize",
    at: "huge-page-limits",
    resources: { hugepageLimits: [{ limit: 2 * MEBIBYTE }] },
  },
  {
    id: "MD-CL-51",
    says: "an entry of hugepageLimits has a limit",
    at: "huge-page-limits",
    resources: { hugepageLimits: [{ pageSize: "2MB" }] },
  },
  {
    id: "MD-CL-52",
    says: "an entry of network.priorities has a name",
    at: "network",
    resources: { network: { priorities: [{ priority: 5 }] } },
  },
  {
    id: "MD-CL-53",
    says: "an entry of network.priorities has a priority",
    at: "network",
    resources: { network: { priorities: [{ name: "lo" }] } },
  },
  {
    id: "MD-CL-54",
    says: "an entry of rdma has hcaHandles or hcaObjects",
    level: "MUST",
    at: "rdma",
    resources: { rdma: { mlx5_1: {} } },
  },
];

for (const { id, says, level = "REQUIRED", at, resources } of ENTRY_ROWS) {
  requirement(`config-linux.md#${at}`, { id, level, says }, async (box) => {
    Object.assign(box.config.linux.resources, resources);
    await assertRefused(box);
  });
}

const UNIFIED = "config-linux.md#unified";

/** Where cgroup v2 is mounted on a host with it alone, and on one that has v1 as well. */
const UNIFIED_MOUNTS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] as const;

plannedRequirement(
  UNIFIED,
  { id: "MD-CL-55", says: "the controllers that unified needs are enabled", since: "1.1" },
  () => {
    const { writes } = planFor({ unified: { "io.max": "8:0 rbps=1000", "cpuset.cpus": "0" } });
    const enabled = writes.filter(({ path }) => path.endsWith("/cgroup.subtree_control"));
    assert.deepEqual(
      enabled.flatMap((write) => (write.kind === "write" ? write.value.split(" ").sort() : [])),
      ["+cpuset", "+io"],
    );
  },
);

requirement(
  UNIFIED,
  { id: "MD-CL-56", says: "a setting of unified that the runtime does not know is written all the same", since: "1.1" },
  async (box) => {
    box.config.linux.resources.unified = { "cgroup.max.depth": "7" };
    await box.created();
    const { pid } = await box.state();
    const [, path = ""] = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8")) ?? [];
    assert.equal(readFileSync(`${UNIFIED_MOUNTS.find(isUnified)}${path}/cgroup.max.depth`, "utf8"), "7\n");
  },
  { needs: [needsUnified] },
);

requirement(
  UNIFIED,
  { id: "MD-CL-57", says: "a controller in unified that is not present is an error", since: "1.1" },
  async (box) => {
    box.config.linux.resources.unified = { "nosuch.max": "1" };
    await assertRefused(box);
  },
);

plannedRequirement(
  UNIFIED,
  { id: "MD-CL-58", says: "a setting of v1 that has no like in v2 is an error where v2 is used", since: "1.1" },
  () => {
    const settings: readonly Resources[] = [
      { memory: { swappiness: 10 } },
      { memory: { disableOOMKiller: true } },
      { cpu: { realtimeRuntime: 1000 } },
      { blockIO: { leafWeight: 100 } },
      { network: { classID: 1 } },
    ];
    for (const resources of settings) {
      const errors = planFor(resources).problems.filter(({ severity }) => severity === "error");
      assert.equal(errors.length, 1, JSON.stringify(resources));
    }
    assert.deepEqual(planFor({ memory: { limit: MEBIBYTE } }).problems, []);
  },
);

function blockIo(id: EntryRow["id"], says: string): Pick<EntryRow, "id" | "says" | "at"> {
  return { id, says, at: "block-io" };
}

function without<Value extends object>(value: Value, property: keyof Value): object {
  const { [property]: _, ...rest } = value;
  return rest;
}

/** What is done to cgroups on a host with v2 only. */
function planFor(resources: Resources, facts: CgroupFacts = UNIFIED_HOST) {
  return compileCgroup({ id: "web", facts, rootless: false, resources });
}

/** Where both are mounted, other runtimes use v1 alone, which the spec leaves to them. */
function needsUnified(): string | undefined {
  const [alone, beside] = UNIFIED_MOUNTS;
  const isThere = isUnified(alone) || (isUnified(beside) && RUNTIME.name === "ours");
  return isThere ? undefined : "needs a host with cgroup v2 alone";
}

function isUnified(mount: string): boolean {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .some((line) => line.includes(` ${mount} `) && line.includes(" - cgroup2 "));
}

/** Makes a memory cgroup without processes that uses some mebibytes which the kernel cannot take back: a file in a tmpfs. */
async function chargeCgroup(box: TestBox, name: string, mebibytes: number): Promise<void> {
  const directory = `${cgroupV1Directory("memory")}/${name}`;
  mkdirSync(directory);
  mkdirSync(box.path("charge"));
  box.mountOnHost(box.path("charge"));
  const script = `echo $$ > ${directory}/tasks; dd if=/dev/zero of=${box.path("charge/file")} bs=1M count=${mebibytes}`;
  await box.program(["sh", "-c", script]);
}
