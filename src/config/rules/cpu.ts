import type { Findings } from "../findings.ts";
import type { CpuLimits } from "../types.gen.ts";
import { isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#cpu, the kernel's scheduler/sched-bwc and sched-rt-group documents. */
export const cpuRules: RuleArea = {
  about: ["/linux/resources/cpu"],
  check({ linux }, found) {
    const cpu = linux?.resources?.cpu;
    if (cpu === undefined) return;
    checkBurst(cpu, found);
    checkPeriod(cpu, found);
    checkRealtime(cpu, found);
    checkIdle(cpu, found);
  },
};

const SPEC = "config-linux.md#cpu";

function checkBurst({ quota = 0, burst: value = 0 }: CpuLimits, found: Findings): void {
  if (quota <= 0 || value <= quota) return;
  const place = { pointer: "/linux/resources/cpu/burst", value, spec: SPEC } as const;
  found.error({ ...place, code: "CPU_BURST", message: `must be at most cpu.quota, ${quota}` });
}

/** Microseconds. Source: kernel/sched/core.c (tg_set_cfs_bandwidth) of Linux 6.18. */
const PERIOD = { min: 1000, max: 1_000_000 };

function checkPeriod({ period: value = 0 }: CpuLimits, found: Findings): void {
  const { min, max } = PERIOD;
  if (value === 0 || isWithin(value, min, max)) return;
  const place = { pointer: "/linux/resources/cpu/period", value, spec: SPEC } as const;
  found.error({ ...place, code: "CPU_PERIOD", message: `must be from ${min} to ${max} microseconds` });
}

function checkRealtime({ realtimeRuntime: value = 0, realtimePeriod = 0 }: CpuLimits, found: Findings): void {
  if (realtimePeriod === 0 || value <= realtimePeriod) return;
  const place = { pointer: "/linux/resources/cpu/realtimeRuntime", value, spec: SPEC } as const;
  found.error({ ...place, code: "CPU_REALTIME", message: `must be at most cpu.realtimePeriod, ${realtimePeriod}` });
}

function checkIdle({ idle: value = 0 }: CpuLimits, found: Findings): void {
  if (value === 0 || value === 1) return;
  const place = { pointer: "/linux/resources/cpu/idle", value, spec: SPEC } as const;
  found.error({ ...place, code: "CPU_IDLE", message: "must be 0 or 1" });
}
