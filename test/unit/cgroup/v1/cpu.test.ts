import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileCpuV1 } from "../../../../src/cgroup/v1/cpu.ts";
import type { CpuLimits } from "../../../../src/config/types.gen.ts";
import { writeText } from "../write-text.ts";

function writes(
  cpu: CpuLimits,
  current?: Readonly<Record<string, string>>,
  ancestors: readonly string[] = [],
): readonly string[] {
  const target = { directory: "/cg/up/demo", ancestors, ...(current === undefined ? {} : { current }) };
  return compileCpuV1({ cpu }, target).map((write) => writeText(write, "/cg/up/demo"));
}

test("compileCpuV1 writes every property of a new cgroup", () => {
  const cpu = { shares: 512, quota: 50_000, period: 100_000, burst: 10_000, realtimeRuntime: 10, realtimePeriod: 100 };
  assert.deepEqual(writes(cpu, undefined, ["/cg/up"]), [
    "cpu.shares = 512",
    "cpu.cfs_period_us = 100000",
    "cpu.cfs_quota_us = 50000",
    "cpu.cfs_burst_us = 10000",
    "/cg/up/cpu.rt_runtime_us = 100000 ?zero",
    "cpu.rt_period_us = 100",
    "cpu.rt_runtime_us = 10",
  ]);
});

test("compileCpuV1 sets no shares of an idle cgroup, and idle before shares when it ends", () => {
  assert.deepEqual(writes({ shares: 512, idle: 1 }), ["cpu.idle = 1"]);
  assert.deepEqual(writes({ shares: 512, idle: 0 }), ["cpu.idle = 0", "cpu.shares = 512"]);
});

test("compileCpuV1 leaves alone what is 0, but for burst and idle, which can be", () => {
  assert.deepEqual(
    writes({ shares: 0, quota: 0, period: 0, realtimePeriod: 0, realtimeRuntime: 0, burst: 0, idle: 0 }),
    ["cpu.idle = 0", "cpu.cfs_burst_us = 0"],
  );
});

test("compileCpuV1 writes burst first when the new quota is below the present one", () => {
  const present = { "cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000", "cpu.cfs_burst_us": "40000" };
  assert.deepEqual(writes({ quota: 30_000, burst: 20_000 }, present), [
    "cpu.cfs_burst_us = 20000",
    "cpu.cfs_quota_us = 30000",
  ]);
});

test("compileCpuV1 writes the runtime first when the new real-time period is below it", () => {
  const present = { "cpu.rt_runtime_us": "5000", "cpu.rt_period_us": "10000" };
  assert.deepEqual(writes({ realtimeRuntime: 1000, realtimePeriod: 2000 }, present), [
    "cpu.rt_runtime_us = 1000",
    "cpu.rt_period_us = 2000",
  ]);
});

test("compileCpuV1 never gives more than the greater of the old and the new share in between", () => {
  const quota = fc.integer({ min: 1000, max: 1_000_000 });
  const period = fc.integer({ min: 1000, max: 1_000_000 });
  fc.assert(
    fc.property(quota, period, quota, period, (oldQuota, oldPeriod, newQuota, newPeriod) => {
      const present = { "cpu.cfs_quota_us": String(oldQuota), "cpu.cfs_period_us": String(oldPeriod) };
      const [first = ""] = writes({ quota: newQuota, period: newPeriod }, present);
      const between = first.startsWith("cpu.cfs_quota_us") ? newQuota / oldPeriod : oldQuota / newPeriod;
      assert.ok(between <= Math.max(oldQuota / oldPeriod, newQuota / newPeriod));
    }),
  );
});
