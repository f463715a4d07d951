import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCgroup } from "../../../src/cgroup/compile-cgroup.ts";
import type { CgroupUpdate } from "../../../src/cgroup/compile-update.ts";
import { compileUpdate, filesBeforeUpdate } from "../../../src/cgroup/compile-update.ts";
import type { CgroupFacts } from "../../../src/cgroup/facts.ts";
import type { Resources } from "../../../src/config/types.gen.ts";
import { HYBRID_HOST, UNIFIED_HOST } from "./hosts.ts";
import { writeText } from "./write-text.ts";

const ROOT = "/sys/fs/cgroup";

function update(
  facts: CgroupFacts,
  resources: Resources,
  current: Readonly<Record<string, string>> = {},
  rootless = false,
): CgroupUpdate {
  const { paths } = compileCgroup({ id: "demo", cgroupsPath: "/up/demo", facts, rootless: false });
  const files = Object.entries(current).map(([path, text]) => [`${ROOT}/${path}`, `${text}\n`]);
  return compileUpdate({ resources, facts, paths, rootless, current: Object.fromEntries(files) });
}

function texts({ writes }: CgroupUpdate): readonly string[] {
  return writes.map(({ write }) => writeText(write, ROOT));
}

test("filesBeforeUpdate lists what the order of writes depends on", () => {
  const { paths } = compileCgroup({ id: "demo", facts: HYBRID_HOST, rootless: false });
  const files = filesBeforeUpdate(paths).map((path) => path.slice(ROOT.length + 1));
  assert.ok(files.includes("cpu,cpuacct/demo/cpu.cfs_quota_us"));
  assert.ok(files.includes("memory/demo/memory.memsw.limit_in_bytes"));
  assert.ok(files.includes("devices/demo/devices.list"));
  assert.ok(files.includes("unified/demo/cpu.max"));
});

test("compileUpdate writes what it is given and nothing else", () => {
  assert.deepEqual(texts(update(HYBRID_HOST, {})), []);
  assert.deepEqual(texts(update(HYBRID_HOST, { pids: { limit: 5 } })), ["pids/up/demo/pids.max = 5"]);
  assert.deepEqual(texts(update(UNIFIED_HOST, {})), []);
});

test("compileUpdate orders memory by the present limits", () => {
  const present = {
    "memory/up/demo/memory.limit_in_bytes": "100",
    "memory/up/demo/memory.memsw.limit_in_bytes": "200",
  };
  assert.deepEqual(texts(update(HYBRID_HOST, { memory: { limit: 300, swap: 400 } }, present)), [
    "memory/up/demo/memory.memsw.limit_in_bytes = 400",
    "memory/up/demo/memory.limit_in_bytes = 300",
  ]);
  const { problems } = update(HYBRID_HOST, { memory: { limit: 300 } }, present);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["MEMORY_LIMIT_ABOVE_SWAP"],
  );
});

test("compileUpdate gives ancestors real-time runtime when they have none", () => {
  const cpu = { realtimeRuntime: 1000 };
  assert.deepEqual(texts(update(HYBRID_HOST, { cpu })), [
    "cpu,cpuacct/up/cpu.rt_runtime_us = 1000 ?zero",
    "cpu,cpuacct/up/demo/cpu.rt_runtime_us = 1000",
  ]);
});

test("compileUpdate enables a controller of the unified hierarchy that is needed for the first time", () => {
  assert.deepEqual(texts(update(HYBRID_HOST, { hugepageLimits: [{ pageSize: "2MB", limit: 1 }] })), [
    "unified/cgroup.subtree_control = +hugetlb",
    "unified/up/cgroup.subtree_control = +hugetlb",
    "unified/up/demo/hugetlb.2MB.max = 1",
    "unified/up/demo/hugetlb.2MB.rsvd.max = 1 ?exists",
  ]);
});

test("compileUpdate subtracts the present memory limit when v2 is given swap alone", () => {
  const written = texts(update(UNIFIED_HOST, { memory: { swap: 150 } }, { "up/demo/memory.max": "100" }));
  assert.deepEqual(written, ["up/cgroup.subtree_control = +memory", "up/demo/memory.swap.max = 50"]);
});

test("compileUpdate changes single entries of a v1 device list", () => {
  const present = [
    "c *:* m",
    "b *:* m",
    "c 1:3 rwm",
    "c 1:5 rwm",
    "c 1:7 rwm",
    "c 1:8 rwm",
    "c 1:9 rwm",
    "c 5:0 rwm",
    "c 5:1 rwm",
    "c 5:2 rwm",
    "c 136:* rwm",
    "c 10:200 rw",
    "b 8:0 r",
  ].join("\n");
  const devices = [
    { allow: false },
    { allow: true, type: "c", major: 10, minor: 200, access: "r" },
    { allow: true, type: "b", major: 7, access: "rw" },
  ];
  const changed = update(HYBRID_HOST, { devices }, { "devices/up/demo/devices.list": present });
  assert.deepEqual(texts(changed), [
    "devices/up/demo/devices.allow = b 7:* rw",
    "devices/up/demo/devices.deny = c 10:200 w",
    "devices/up/demo/devices.deny = b 8:0 r",
  ]);
  assert.deepEqual(changed.writes[1]?.restore, {
    kind: "write",
    path: `${ROOT}/devices/up/demo/devices.allow`,
    value: "c 10:200 w",
  });
  const same = update(HYBRID_HOST, { devices: [{ allow: false }] }, { "devices/up/demo/devices.list": present });
  assert.deepEqual(texts(same).length, 2);
});

test("compileUpdate writes a v1 device list anew when its exceptions are not known", () => {
  const present = { "devices/up/demo/devices.list": "a *:* rwm" };
  assert.equal(
    texts(update(HYBRID_HOST, { devices: [{ allow: false }] }, present))[0],
    "devices/up/demo/devices.deny = a",
  );
  assert.deepEqual(texts(update(HYBRID_HOST, { devices: [{ allow: true }] }, present)), [
    "devices/up/demo/devices.allow = a",
  ]);
});

test("compileUpdate replaces the program of a unified host and leaves a user's devices alone", () => {
  const devices = [{ allow: false }];
  const { writes } = update(UNIFIED_HOST, { devices });
  assert.deepEqual(
    writes.map(({ write, restore }) => [write.kind, restore.kind]),
    [["deviceProgram", "program"]],
  );
  assert.deepEqual(update(UNIFIED_HOST, { devices }, {}, true).writes, []);
});

test("compileUpdate refuses what the container's cgroups have no controller for", () => {
  const { problems } = update(HYBRID_HOST, { network: { classID: 1 } });
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ["/linux/resources/network/classID"],
  );
});
