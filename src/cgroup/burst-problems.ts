import type { Problem } from "../base/problem.ts";
import type { CpuLimits } from "../config/types.gen.ts";
import { decimal } from "./decimal.ts";
import type { CurrentValues } from "./target.ts";
import { limitNumber, resource } from "./target.ts";

/** A burst above the quota, which the kernel would refuse with no more than EINVAL. Source: the kernel's sched-bwc.rst. */
export function burstProblems({ quota, burst }: CpuLimits, current: CurrentValues = {}): readonly Problem[] {
  const present = current["cpu.cfs_quota_us"] ?? current["cpu.max"]?.split(" ", 1)[0] ?? "max";
  const newQuota = limitNumber(quota ? decimal(quota) : present);
  const newBurst = Number(burst ?? current["cpu.cfs_burst_us"] ?? current["cpu.max.burst"] ?? 0);
  if (newBurst <= newQuota) return [];
  const about = { code: "CPU_BURST_ABOVE_QUOTA", severity: "error", spec: "config-linux.md#cpu" } as const;
  if (burst === undefined) {
    const message = `must not be below the present burst, ${newBurst}`;
    return [{ ...about, pointer: resource("cpu", "quota"), value: decimal(quota ?? 0), message, fix: "set burst too" }];
  }
  const message = `must not be above the quota, ${newQuota}`;
  return [{ ...about, pointer: resource("cpu", "burst"), value: decimal(burst), message }];
}
