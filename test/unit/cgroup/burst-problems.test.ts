import assert from "node:assert/strict";
import { test } from "node:test";
import { burstProblems } from "../../../src/cgroup/burst-problems.ts";
import type { CpuLimits } from "../../../src/config/types.gen.ts";

test("burstProblems compares what burst and quota will be, in either version's files", () => {
  const v1 = { "cpu.cfs_quota_us": "5000", "cpu.cfs_burst_us": "4000" };
  const v2 = { "cpu.max": "5000 100000", "cpu.max.burst": "4000" };
  const cases: readonly [cpu: CpuLimits, current: Readonly<Record<string, string>>, pointer: string | undefined][] = [
    [{ burst: 2000, quota: 1000 }, {}, "/linux/resources/cpu/burst"],
    [{ burst: 2000, quota: 2000 }, {}, undefined],
    [{ burst: 2000 }, {}, undefined],
    [{ burst: 2000, quota: -1 }, v1, undefined],
    [{ quota: 3000 }, v1, "/linux/resources/cpu/quota"],
    [{ quota: 3000 }, v2, "/linux/resources/cpu/quota"],
    [{ quota: 3000, burst: 0 }, v2, undefined],
    [{ burst: 6000 }, v2, "/linux/resources/cpu/burst"],
    [{ burst: 6000 }, { "cpu.max": "max 100000" }, undefined],
    [{ shares: 100 }, v1, undefined],
  ];
  for (const [cpu, current, pointer] of cases) {
    const problems = burstProblems(cpu, current);
    assert.deepEqual(
      problems.map((problem) => problem.pointer),
      pointer === undefined ? [] : [pointer],
      JSON.stringify([cpu, current]),
    );
  }
});
