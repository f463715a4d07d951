import type { Resources } from "../../config/types.gen.ts";
import { DEFAULT_PERIOD_US, quotaProperties } from "./cpu-quota.ts";
import { limitProperty, maskProperty, textProperty, type UnitProperty } from "./unit-property.ts";
import { hasIdle, hasScopeOomPolicy } from "./version.ts";

/** What of linux.resources.unified systemd has a property for; the rest is in the files alone. */
export function unifiedProperties({ unified = {} }: Resources, version?: number): readonly UnitProperty[] {
  return Object.entries(unified).flatMap(([file, value]) => PROPERTIES[file]?.(value.trim(), version) ?? []);
}

const OOM_POLICIES: Readonly<Record<string, string>> = { 0: "continue", 1: "kill" };

/** What only a new scope can be told. Source: systemd.scope(5), OOMPolicy=. */
export function oomPolicyProperties({ unified = {} }: Resources, version?: number): readonly UnitProperty[] {
  const policy = OOM_POLICIES[unified["memory.oom.group"]?.trim() ?? ""];
  return policy === undefined || !hasScopeOomPolicy(version) ? [] : [textProperty("OOMPolicy", policy)];
}

const limit = (name: string) => (value: string) => (/^(max|\d+)$/.test(value) ? [limitProperty(name, value)] : []);

/** A text that the kernel does not take is refused when the file is written. Source: the kernel's cgroup-v2.rst. */
const PROPERTIES: Readonly<Record<string, (value: string, version?: number) => readonly UnitProperty[]>> = {
  "cpu.idle": (value, version) => (value === "1" && hasIdle(version) ? [limitProperty("CPUWeight", 0)] : []),
  "cpu.max": (value) => {
    const [, quota, period] = /^(max|\d+)(?: (\d+))?$/.exec(value) ?? [];
    if (quota === undefined) return [];
    return quotaProperties(quota === "max" ? quota : BigInt(quota), BigInt(period ?? DEFAULT_PERIOD_US));
  },
  "cpu.weight": limit("CPUWeight"),
  "cpuset.cpus": (value) => [maskProperty("AllowedCPUs", value)],
  "cpuset.mems": (value) => [maskProperty("AllowedMemoryNodes", value)],
  "memory.high": limit("MemoryHigh"),
  "memory.low": limit("MemoryLow"),
  "memory.max": limit("MemoryMax"),
  "memory.min": limit("MemoryMin"),
  "memory.swap.max": limit("MemorySwapMax"),
  "pids.max": limit("TasksMax"),
};
