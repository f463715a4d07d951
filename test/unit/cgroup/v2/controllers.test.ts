import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCpuV2, cpuWeight } from "../../../../src/cgroup/v2/cpu.ts";
import { compileHugetlbV2 } from "../../../../src/cgroup/v2/hugetlb.ts";
import { compileIoV2, ioWeight } from "../../../../src/cgroup/v2/io.ts";
import { compileMemoryV2, memoryProblemsV2 } from "../../../../src/cgroup/v2/memory.ts";
import type { CpuLimits, MemoryLimits } from "../../../../src/config/types.gen.ts";
import { writeText } from "../write-text.ts";

const TARGET = { directory: "/cg/demo", ancestors: [] };

function memory(limits: MemoryLimits, current?: Readonly<Record<string, string>>): readonly string[] {
  const target = current === undefined ? TARGET : { ...TARGET, current };
  return compileMemoryV2({ memory: limits }, target).map((write) => writeText(write, "/cg/demo"));
}

function cpu(limits: CpuLimits, current?: Readonly<Record<string, string>>): readonly string[] {
  const target = current === undefined ? TARGET : { ...TARGET, current };
  return compileCpuV2({ cpu: limits }, target).map((write) => writeText(write, "/cg/demo"));
}

test("compileMemoryV2 takes memory off the config's swap, which is both", () => {
  assert.deepEqual(memory({ limit: 100, swap: 150, reservation: 50 }), [
    "memory.swap.max = 50",
    "memory.max = 100",
    "memory.low = 50",
  ]);
  assert.deepEqual(memory({ limit: 100, swap: 100 }), ["memory.swap.max = 0 ?exists", "memory.max = 100"]);
  assert.deepEqual(memory({ limit: 100n, swap: 9_007_199_254_740_993n }), [
    "memory.swap.max = 9007199254740893",
    "memory.max = 100",
  ]);
});

test("compileMemoryV2 lifts limits when they are negative, swap with memory", () => {
  assert.deepEqual(memory({ limit: -1 }), ["memory.swap.max = max ?exists", "memory.max = max"]);
  assert.deepEqual(memory({ limit: 100, swap: -1 }), ["memory.swap.max = max ?exists", "memory.max = 100"]);
  assert.deepEqual(memory({ limit: -1, swap: 50 }), ["memory.swap.max = 50", "memory.max = max"]);
  assert.deepEqual(memory({ reservation: -1 }), ["memory.low = max"]);
});

test("compileMemoryV2 takes the present limit when an update gives swap alone", () => {
  assert.deepEqual(memory({ swap: 150 }, { "memory.max": "100" }), ["memory.swap.max = 50"]);
});

test("compileMemoryV2 checks the usage before a limit when the config asks for it", () => {
  assert.deepEqual(memory({ limit: 100, checkBeforeUpdate: true }), ["memory.current < 100", "memory.max = 100"]);
  assert.deepEqual(memory({ limit: 100, swap: 150, checkBeforeUpdate: true }).slice(0, 2), [
    "memory.current < 150",
    "memory.current < 100",
  ]);
  assert.deepEqual(memory({ limit: -1, swap: -1, checkBeforeUpdate: true }).length, 2);
});

test("memoryProblemsV2 refuses swap that follows from nothing or is below memory", () => {
  const cases: readonly [limits: MemoryLimits, max: string | undefined, codes: readonly string[]][] = [
    [{ swap: 100 }, undefined, ["MEMORY_SWAP_WITHOUT_LIMIT"]],
    [{ swap: 100 }, "max", ["MEMORY_SWAP_WITHOUT_LIMIT"]],
    [{ swap: 100 }, "200", ["MEMORY_SWAP_BELOW_LIMIT"]],
    [{ swap: 100 }, "50", []],
    [{ limit: 100, swap: 50 }, undefined, ["MEMORY_SWAP_BELOW_LIMIT"]],
    [{ limit: 100, swap: -1 }, undefined, []],
    [{ limit: -1, swap: 50 }, undefined, []],
    [{ limit: 100, swap: 0 }, undefined, []],
  ];
  for (const [limits, max, codes] of cases) {
    const problems = memoryProblemsV2(limits, max === undefined ? undefined : { "memory.max": max });
    assert.deepEqual(
      problems.map(({ code }) => code),
      codes,
    );
  }
});

test("cpuWeight meets the ends and the defaults of both ranges", () => {
  const cases: readonly [shares: number, weight: number][] = [
    [1, 1],
    [2, 1],
    [1024, 100],
    [262_144, 10_000],
    [1_000_000, 10_000],
  ];
  for (const [shares, weight] of cases) assert.equal(cpuWeight(shares), weight, String(shares));
  for (let shares = 3; shares < 262_144; shares += 997) {
    assert.ok(cpuWeight(shares) >= cpuWeight(shares - 1) && cpuWeight(shares) <= 10_000);
  }
});

test("compileCpuV2 writes weight, limit and burst", () => {
  assert.deepEqual(cpu({ shares: 1024, quota: 50_000, period: 100_000, burst: 1000 }), [
    "cpu.weight = 100",
    "cpu.max = 50000 100000",
    "cpu.max.burst = 1000",
  ]);
  assert.deepEqual(cpu({ shares: 1024, idle: 1 }), ["cpu.idle = 1"]);
  assert.deepEqual(cpu({ quota: -1 }), ["cpu.max = max"]);
  assert.deepEqual(cpu({ period: 50_000 }), ["cpu.max = max 50000"]);
  assert.deepEqual(cpu({ quota: 0, period: 0, shares: 0 }), []);
});

test("compileCpuV2 keeps the present quota when an update gives a period alone, and burst below quota", () => {
  const present = { "cpu.max": "70000 100000", "cpu.max.burst": "60000" };
  assert.deepEqual(cpu({ period: 50_000 }, present), ["cpu.max = 70000 50000"]);
  assert.deepEqual(cpu({ quota: 30_000, burst: 20_000 }, present), ["cpu.max.burst = 20000", "cpu.max = 30000"]);
});

test("ioWeight meets the ends of both ranges", () => {
  assert.deepEqual([ioWeight(10), ioWeight(100), ioWeight(1000)], [1, 910, 10_000]);
});

test("compileIoV2 prefers BFQ's weight and converts it for I/O cost control", () => {
  const blockIO = { weight: 10, weightDevice: [{ major: 8, minor: 0, weight: 1000 }] };
  assert.deepEqual(
    compileIoV2({ blockIO }, TARGET).map((write) => writeText(write, "/cg/demo")),
    ["io.bfq.weight = 10 | io.weight = 1", "io.bfq.weight = 8:0 1000 | io.weight = 8:0 10000"],
  );
});

test("compileIoV2 writes each limit with its key, and max for 0", () => {
  const blockIO = {
    throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
    throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 0 }],
    throttleReadIOPSDevice: [{ major: 8, minor: 16, rate: 3 }],
    throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 4 }],
  };
  assert.deepEqual(
    compileIoV2({ blockIO }, TARGET).map((write) => writeText(write, "/cg/demo")),
    ["io.max = 8:0 rbps=1", "io.max = 8:0 wbps=max", "io.max = 8:16 riops=3", "io.max = 8:16 wiops=4"],
  );
});

test("compileHugetlbV2 limits reservations too where the kernel can", () => {
  const hugepageLimits = [{ pageSize: "1GB", limit: 0 }];
  assert.deepEqual(
    compileHugetlbV2({ hugepageLimits }, TARGET).map((write) => writeText(write, "/cg/demo")),
    ["hugetlb.1GB.max = 0", "hugetlb.1GB.rsvd.max = 0 ?exists"],
  );
});
