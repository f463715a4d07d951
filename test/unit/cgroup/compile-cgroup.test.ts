import assert from "node:assert/strict";
import { test } from "node:test";
import { formatOrigin } from "../../../src/base/origin.ts";
import type { CgroupPlan } from "../../../src/cgroup/cgroup-plan.ts";
import { compileCgroup } from "../../../src/cgroup/compile-cgroup.ts";
import type { CgroupFacts } from "../../../src/cgroup/facts.ts";
import type { Resources } from "../../../src/config/types.gen.ts";
import { HYBRID_HOST, UNIFIED_HOST, V1_HOST, v1Hierarchy } from "./hosts.ts";
import { writeText } from "./write-text.ts";

const ROOT = "/sys/fs/cgroup";

function compile(facts: CgroupFacts, resources: Resources = {}, cgroupsPath?: string): CgroupPlan {
  const path = cgroupsPath === undefined ? {} : { cgroupsPath };
  return compileCgroup({ id: "demo", resources, facts, rootless: false, ...path });
}

function directories({ directories }: CgroupPlan): readonly string[] {
  return directories.map(({ path }) => path.slice(ROOT.length + 1));
}

function joins({ joins }: CgroupPlan): readonly string[] {
  return joins.map(({ path }) => path.slice(ROOT.length + 1));
}

function writes({ writes }: CgroupPlan): readonly string[] {
  return writes.map((write) => writeText(write, ROOT)).filter((line) => !line.startsWith("devices/"));
}

function problems({ problems }: CgroupPlan): readonly string[] {
  return problems.map(({ code, pointer }) => `${code} ${pointer}`);
}

test("compileCgroup places a container in every hierarchy of a hybrid host and joins memory last", () => {
  const plan = compile(HYBRID_HOST);
  assert.deepEqual(directories(plan), [
    "memory/demo",
    "cpu,cpuacct/demo",
    "cpuset/demo",
    "pids/demo",
    "devices/demo",
    "freezer/demo",
    "systemd/demo",
    "unified/demo",
  ]);
  assert.deepEqual(joins(plan), [
    "cpu,cpuacct/demo/tasks",
    "cpuset/demo/tasks",
    "pids/demo/tasks",
    "devices/demo/tasks",
    "freezer/demo/tasks",
    "systemd/demo/tasks",
    "memory/demo/tasks",
  ]);
  assert.equal(plan.cloneInto, `${ROOT}/unified/demo`);
  assert.deepEqual(plan.problems, []);
  assert.equal(formatOrigin(plan.directories[0]?.from ?? { flag: "" }), "implied config-linux.md#cgroups-path");
});

test("compileCgroup records the container's directory by controller", () => {
  assert.deepEqual(compile(HYBRID_HOST).paths, {
    v1: {
      memory: `${ROOT}/memory/demo`,
      cpu: `${ROOT}/cpu,cpuacct/demo`,
      cpuacct: `${ROOT}/cpu,cpuacct/demo`,
      cpuset: `${ROOT}/cpuset/demo`,
      pids: `${ROOT}/pids/demo`,
      devices: `${ROOT}/devices/demo`,
      freezer: `${ROOT}/freezer/demo`,
      "name=systemd": `${ROOT}/systemd/demo`,
    },
    v2: `${ROOT}/unified/demo`,
  });
});

test("compileCgroup makes parents first and fills cpusets from the top down", () => {
  const plan = compile({ v1: [v1Hierarchy("cpuset")] }, { cpu: { cpus: "1" } }, "/a/b/c");
  assert.deepEqual(directories(plan), ["cpuset/a", "cpuset/a/b", "cpuset/a/b/c"]);
  assert.deepEqual(
    plan.directories.map(({ isOwn }) => isOwn),
    [false, false, true],
  );
  assert.deepEqual(writes(plan), [
    "cpuset/a/cpuset.cpus from cpuset",
    "cpuset/a/cpuset.mems from cpuset",
    "cpuset/a/b/cpuset.cpus from cpuset/a",
    "cpuset/a/b/cpuset.mems from cpuset/a",
    "cpuset/a/b/c/cpuset.cpus = 1",
    "cpuset/a/b/c/cpuset.cpus from cpuset/a/b",
    "cpuset/a/b/c/cpuset.mems from cpuset/a/b",
  ]);
});

test("compileCgroup denies devices on v1 also when the config has no list", () => {
  const [first] = compile({ v1: [v1Hierarchy("devices")] }).writes;
  assert.equal(first === undefined ? "" : writeText(first, ROOT), "devices/demo/devices.deny = a");
});

test("compileCgroup uses a controller of the unified hierarchy where v1 has it not", () => {
  const plan = compile(HYBRID_HOST, { hugepageLimits: [{ pageSize: "2MB", limit: 1 }], memory: { limit: 9 } }, "/a/b");
  assert.deepEqual(
    writes(plan).filter((line) => !line.startsWith("cpuset")),
    [
      "memory/a/b/memory.limit_in_bytes = 9",
      "unified/cgroup.subtree_control = +hugetlb",
      "unified/a/cgroup.type = threaded ?invalid",
      "unified/a/cgroup.subtree_control = +hugetlb",
      "unified/a/b/cgroup.type = threaded ?invalid",
      "unified/a/b/hugetlb.2MB.max = 1",
      "unified/a/b/hugetlb.2MB.rsvd.max = 1 ?exists",
    ],
  );
});

test("compileCgroup refuses what no hierarchy of the host can do, each by its pointer", () => {
  const resources: Resources = {
    network: { classID: 1, priorities: [{ name: "lo", priority: 1 }] },
    rdma: { mlx: { hcaHandles: 1 } },
    unified: { "memory.high": "1", "hugetlb.2MB.max": "1", "cgroup.max.depth": "2" },
    memory: { limit: 100, swap: 50 },
  };
  assert.deepEqual(problems(compile(HYBRID_HOST, resources)), [
    "CGROUP_CONTROLLER /linux/resources/rdma/mlx",
    "CGROUP_CONTROLLER /linux/resources/network/classID",
    "CGROUP_CONTROLLER /linux/resources/network/priorities/0",
    "MEMORY_SWAP_BELOW_LIMIT /linux/resources/memory/swap",
    "CGROUP_UNIFIED_CONTROLLER /linux/resources/unified/memory.high",
  ]);
  const { problems: v1 } = compile(V1_HOST, resources);
  assert.ok(v1.some(({ pointer }) => pointer === "/linux/resources/unified/cgroup.max.depth"));
  assert.match(v1[0]?.message ?? "", /controller rdma, which is not mounted on this host/);
});

test("compileCgroup asks nothing of missing controllers when the config does not", () => {
  assert.deepEqual(compile({ v1: [v1Hierarchy("pids")] }, { pids: { limit: 1 }, memory: { limit: 0 } }).problems, []);
  assert.deepEqual(compile({ v1: [] }), { directories: [], writes: [], joins: [], paths: { v1: {} }, problems: [] });
});

test("compileCgroup refuses a list that denies devices when nothing on the host can", () => {
  assert.deepEqual(problems(compile({ v1: [v1Hierarchy("pids")] }, { devices: [{ allow: false }] })), [
    "CGROUP_CONTROLLER /linux/resources/devices",
  ]);
});

test("compileCgroup enables controllers down the unified tree, needed ones at once, others if possible", () => {
  const plan = compile(
    UNIFIED_HOST,
    { memory: { limit: 5 }, cpu: { cpus: "0" }, unified: { "io.latency": "8:0 target=1\n\n8:16 target=2" } },
    "/a/b",
  );
  assert.deepEqual(directories(plan), ["a", "a/b"]);
  assert.deepEqual(joins(plan), []);
  assert.equal(plan.cloneInto, `${ROOT}/a/b`);
  assert.deepEqual(writes(plan), [
    "cgroup.subtree_control = +cpuset +io",
    "a/cgroup.type = threaded ?invalid",
    "a/cgroup.subtree_control = +cpuset +memory +io",
    "a/cgroup.subtree_control = +cpu ?possible",
    "a/cgroup.subtree_control = +pids ?possible",
    "a/b/cgroup.type = threaded ?invalid",
    "a/b/cpuset.cpus = 0",
    "a/b/memory.max = 5",
    "a/b/io.latency = 8:0 target=1",
    "a/b/io.latency = 8:16 target=2",
    "a/b program",
  ]);
});

test("compileCgroup refuses v1's own settings on a unified host, and says what v2 has", () => {
  const resources: Resources = {
    memory: { kernel: 1, kernelTCP: 1, swappiness: 0, disableOOMKiller: true, useHierarchy: false },
    cpu: { realtimeRuntime: 1, realtimePeriod: 1 },
    blockIO: { leafWeight: 10, weightDevice: [{ major: 8, minor: 0, leafWeight: 10 }] },
    network: { classID: 0, priorities: [{ name: "lo", priority: 1 }] },
    hugepageLimits: [{ pageSize: "2MB", limit: 1 }],
    unified: { "hugetlb.2MB.max": "1", "a/b": "1", nonsense: "1", "..": "1" },
  };
  const plan = compile(UNIFIED_HOST, resources);
  assert.deepEqual(problems(plan), [
    "CGROUP_V1_ONLY /linux/resources/cpu/realtimeRuntime",
    "CGROUP_V1_ONLY /linux/resources/cpu/realtimePeriod",
    "CGROUP_V1_ONLY /linux/resources/memory/kernel",
    "CGROUP_V1_ONLY /linux/resources/memory/kernelTCP",
    "CGROUP_V1_ONLY /linux/resources/memory/swappiness",
    "CGROUP_V1_ONLY /linux/resources/memory/disableOOMKiller",
    "CGROUP_V1_ONLY /linux/resources/memory/useHierarchy",
    "CGROUP_V1_ONLY /linux/resources/blockIO/leafWeight",
    "CGROUP_V1_ONLY /linux/resources/blockIO/weightDevice/0/leafWeight",
    "CGROUP_CONTROLLER /linux/resources/hugepageLimits/0",
    "CGROUP_V1_ONLY /linux/resources/network/classID",
    "CGROUP_V1_ONLY /linux/resources/network/priorities",
    "CGROUP_UNIFIED_CONTROLLER /linux/resources/unified/hugetlb.2MB.max",
    "CGROUP_UNIFIED_NAME /linux/resources/unified/a~1b",
    "CGROUP_UNIFIED_NAME /linux/resources/unified/nonsense",
    "CGROUP_UNIFIED_NAME /linux/resources/unified/..",
  ]);
  assert.ok(plan.problems.every(({ code, fix }) => code !== "CGROUP_V1_ONLY" || fix !== undefined));
});

test("compileCgroup takes v1 settings that ask for nothing on a unified host", () => {
  const memory = { kernel: 0, disableOOMKiller: false, useHierarchy: true };
  assert.deepEqual(compile(UNIFIED_HOST, { memory, network: { priorities: [] } }).problems, []);
});

test("compileCgroup starts below what is delegated when the caller is an ordinary user", () => {
  const v1 = [
    v1Hierarchy("pids", "/mine"),
    { ...v1Hierarchy("memory"), writable: false },
    v1Hierarchy("devices", "/mine"),
  ];
  const facts: CgroupFacts = { ...UNIFIED_HOST, v1 };
  const plan = compileCgroup({ id: "demo", facts, rootless: true, resources: { devices: [{ allow: false }] } });
  assert.deepEqual(directories(plan), ["pids/mine/demo", "devices/mine/demo", "user.slice/demo"]);
  assert.deepEqual(plan.writes, []);
  assert.deepEqual(plan.problems, []);
  const limited = compileCgroup({ id: "demo", facts: { v1 }, rootless: true, resources: { memory: { limit: 1 } } });
  assert.match(limited.problems[0]?.message ?? "", /the caller must not make cgroups there/);
});
