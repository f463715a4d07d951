import type { CpuLimits, Resources } from "../../config/types.gen.ts";
import type { CgroupWrite, FileWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { Target } from "../target.ts";
import { currentNumber, resource, write } from "../target.ts";

const PERIOD = "cpu.cfs_period_us";
const QUOTA = "cpu.cfs_quota_us";
const BURST = "cpu.cfs_burst_us";
const RT_PERIOD = "cpu.rt_period_us";
const RT_RUNTIME = "cpu.rt_runtime_us";

/** What a new cgroup has, in microseconds. Source: the kernel's Documentation/scheduler/sched-{bwc,rt-group}.rst. */
const DEFAULT_PERIOD_US = 100_000;
const DEFAULT_RT_PERIOD_US = 1_000_000;

const NO_IDLE = "the kernel is older than 5.15, which cpu.idle needs";
const NO_BURST = "the kernel is older than 5.14, which cpu.burst needs";
const NO_REALTIME = "the kernel has no real-time group scheduling (CONFIG_RT_GROUP_SCHED)";

/** Compiles linux.resources.cpu, but for the cpuset, for v1. Source: config-linux.md#cpu, the kernel's sched-bwc.rst. */
export function compileCpuV1(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { cpu } = resources;
  if (cpu === undefined) return [];
  return [...weight(cpu, target), ...bandwidth(cpu, target), ...realtime(cpu, target)];
}

/** An idle cgroup has no shares, and the kernel refuses to set them: idle is switched off first, and on alone. */
function weight(cpu: CpuLimits, target: Target): readonly FileWrite[] {
  const writes: FileWrite[] = [];
  if (cpu.idle !== undefined) {
    writes.push(write(target, "cpu.idle", decimal(cpu.idle), resource("cpu", "idle"), { missing: NO_IDLE }));
  }
  if (cpu.shares && cpu.idle !== 1) {
    writes.push(write(target, "cpu.shares", decimal(cpu.shares), resource("cpu", "shares")));
  }
  return writes;
}

/**
 * Three values that the kernel checks against each other and against parent and children at every write: the share of
 * a processor in between must lie between the old and the new one, and burst must not be above quota.
 */
function bandwidth(cpu: CpuLimits, target: Target): readonly FileWrite[] {
  const period = cpu.period ? [write(target, PERIOD, decimal(cpu.period), resource("cpu", "period"))] : [];
  const quota = cpu.quota ? [write(target, QUOTA, decimal(cpu.quota), resource("cpu", "quota"))] : [];
  const burst = burstWrite(cpu, target);
  const limited = isQuotaFirst(cpu, target) ? [...quota, ...period] : [...period, ...quota];
  const presentBurst = currentNumber(target.current, BURST) ?? 0;
  const shrinks = cpu.quota !== undefined && cpu.quota > 0 && cpu.quota < presentBurst;
  return shrinks ? [...burst, ...limited] : [...limited, ...burst];
}

function burstWrite(cpu: CpuLimits, target: Target): readonly FileWrite[] {
  if (cpu.burst === undefined) return [];
  return [write(target, BURST, decimal(cpu.burst), resource("cpu", "burst"), { missing: NO_BURST })];
}

/** Whether the old quota in the new period would be a greater share than both the old one and the new one. */
function isQuotaFirst(cpu: CpuLimits, target: Target): boolean {
  if (!cpu.period || !cpu.quota) return false;
  const oldQuota = currentNumber(target.current, QUOTA) ?? Number.POSITIVE_INFINITY;
  const oldPeriod = currentNumber(target.current, PERIOD) ?? DEFAULT_PERIOD_US;
  const newQuota = cpu.quota < 0 ? Number.POSITIVE_INFINITY : Number(cpu.quota);
  if (oldQuota === Number.POSITIVE_INFINITY) return false;
  const newPeriod = Number(cpu.period);
  return oldQuota / newPeriod > Math.max(oldQuota / oldPeriod, newQuota / newPeriod);
}

/**
 * New cgroups have no real-time runtime, and a child can only have a part of its parent's: ancestors that have none
 * are given as much as the container gets. Runtime must not be above period.
 */
function realtime(cpu: CpuLimits, target: Target): readonly FileWrite[] {
  const { realtimePeriod, realtimeRuntime } = cpu;
  const runtimePointer = resource("cpu", "realtimeRuntime");
  const missing = { missing: NO_REALTIME };
  const period = realtimePeriod
    ? [write(target, RT_PERIOD, decimal(realtimePeriod), resource("cpu", "realtimePeriod"), missing)]
    : [];
  if (!realtimeRuntime) return period;
  const runtime = write(target, RT_RUNTIME, decimal(realtimeRuntime), runtimePointer, missing);
  const presentRuntime = currentNumber(target.current, RT_RUNTIME) ?? 0;
  const fraction = Number(realtimeRuntime) / Number(realtimePeriod || DEFAULT_RT_PERIOD_US);
  const share = Math.ceil(fraction * DEFAULT_RT_PERIOD_US);
  const ancestors = target.ancestors.map((directory) =>
    write({ directory, ancestors: [] }, RT_RUNTIME, decimal(share), runtimePointer, { when: "zero", ...missing }),
  );
  const runtimeFirst = realtimePeriod !== undefined && presentRuntime > realtimePeriod;
  return [...ancestors, ...(runtimeFirst ? [runtime, ...period] : [...period, runtime])];
}
