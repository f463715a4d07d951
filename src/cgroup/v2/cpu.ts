import type { CpuLimits, Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import type { Integer } from "../decimal.ts";
import { decimal } from "../decimal.ts";
import type { Target } from "../target.ts";
import { currentNumber, resource, write } from "../target.ts";

const NO_IDLE = "the kernel is older than 5.15, which cpu.idle needs";
const NO_BURST = "the kernel is older than 5.14, which cpu.burst needs";

/** Compiles linux.resources.cpu, but for the cpuset, for v2. Source: config-linux.md#cpu, the kernel's cgroup-v2.rst, "CPU". */
export function compileCpuV2(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { cpu } = resources;
  if (cpu === undefined) return [];
  return [...weight(cpu, target), ...bandwidth(cpu, target)];
}

/** The range and the default of v1's shares. Source: the kernel's kernel/sched/core.c (MIN_SHARES, MAX_SHARES). */
const SHARES_MIN = 2;
const SHARES_MAX = 262_144;
const WEIGHT_MAX = 10_000;

/**
 * cpu.shares as cpu.weight. The curve, quadratic in the exponent, meets both ranges' ends and both defaults: 2 is 1,
 * 1024 is 100, 262144 is 10000. Source: the conversion that runc (since 1.3.2), crun and systemd's users agree on.
 */
export function cpuWeight(shares: Integer): number {
  if (shares <= SHARES_MIN) return 1;
  if (shares >= SHARES_MAX) return WEIGHT_MAX;
  const log = Math.log2(Number(shares));
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** An idle cgroup has no weight, and the kernel refuses to set it: idle is switched off first, and on alone. */
function weight(cpu: CpuLimits, target: Target): readonly CgroupWrite[] {
  const writes: CgroupWrite[] = [];
  if (cpu.idle !== undefined) {
    writes.push(write(target, "cpu.idle", decimal(cpu.idle), resource("cpu", "idle"), { missing: NO_IDLE }));
  }
  if (cpu.shares && cpu.idle !== 1) {
    writes.push(write(target, "cpu.weight", decimal(cpuWeight(cpu.shares)), resource("cpu", "shares")));
  }
  return writes;
}

/** The kernel refuses a burst above the quota, at every write. */
function bandwidth(cpu: CpuLimits, target: Target): readonly CgroupWrite[] {
  const max = maxText(cpu, target);
  const limit =
    max === undefined ? [] : [write(target, "cpu.max", max, resource("cpu", cpu.quota ? "quota" : "period"))];
  if (cpu.burst === undefined) return limit;
  const burst = write(target, "cpu.max.burst", decimal(cpu.burst), resource("cpu", "burst"), { missing: NO_BURST });
  const presentBurst = currentNumber(target.current, "cpu.max.burst") ?? 0;
  const shrinks = cpu.quota !== undefined && cpu.quota > 0 && cpu.quota < presentBurst;
  return shrinks ? [burst, ...limit] : [...limit, burst];
}

/** "QUOTA PERIOD"; the kernel keeps the period where there is only a quota, and we the quota where there is none. */
function maxText({ quota, period }: CpuLimits, target: Target): string | undefined {
  if (!quota && !period) return undefined;
  const presentQuota = target.current?.["cpu.max"]?.split(" ")[0] ?? "max";
  const wanted = !quota ? presentQuota : quota < 0 ? "max" : decimal(quota);
  return period ? `${wanted} ${decimal(period)}` : wanted;
}
