import type { CpuLimits, Resources } from "../../config/types.gen.ts";
import { compilePids } from "../pids.ts";
import type { CurrentValues, Target } from "../target.ts";
import { cpuWeight } from "../v2/cpu.ts";
import { ioWeight } from "../v2/io.ts";
import { compileMemoryV2 } from "../v2/memory.ts";
import { DEFAULT_PERIOD_US, quotaProperties } from "./cpu-quota.ts";
import { unifiedProperties } from "./unified-properties.ts";
import { limitProperty, maskProperty, type UnitProperty } from "./unit-property.ts";
import { hasIdle } from "./version.ts";

/** The manager that the properties are for, and the cgroup as it is. */
export interface PropertyContext {
  /** Where the controllers are. */
  readonly isUnified: boolean;
  /** The manager's version; undefined where nothing depends on it (asksForVersion). */
  readonly version?: number;
  /** The values of the cgroup's files before an update. */
  readonly current?: CurrentValues;
}

/**
 * What of linux.resources systemd has a property for, but for devices: it writes the files of those anew when it likes,
 * such as at a daemon-reload, and would undo what it was not told. Source: systemd.resource-control(5).
 */
export function resourceProperties(resources: Resources, context: PropertyContext): readonly UnitProperty[] {
  const { isUnified, version, current = {} } = context;
  const { cpu = {} } = resources;
  const common = [...cpuset(cpu), ...quota(cpu, current), ...tasks(resources)];
  if (!isUnified) return [...limitsV1(resources), ...common];
  const limits = [...memoryV2(resources, current), ...weightV2(cpu, version, current), ...ioV2(resources)];
  return [...limits, ...common, ...unifiedProperties(resources, version)];
}

const MEMORY_PROPERTIES: Readonly<Record<string, string>> = {
  "memory.max": "MemoryMax",
  "memory.low": "MemoryLow",
  "memory.swap.max": "MemorySwapMax",
};

/** The same values as in the files: swap alone, without the memory. */
function memoryV2(resources: Resources, current: CurrentValues): readonly UnitProperty[] {
  return compileMemoryV2(resources, { ...NOWHERE, current }).flatMap((write) => {
    const name = write.kind === "write" ? MEMORY_PROPERTIES[write.path.slice(1)] : undefined;
    return name === undefined || write.kind !== "write" ? [] : [limitProperty(name, write.value)];
  });
}

/** Settings are compiled for no cgroup to learn their values: each path is "/" and the file's name. */
const NOWHERE: Target = { directory: "", ancestors: [] };

/** Source: systemd.resource-control(5), CPUWeight=idle. */
const IDLE = 0;

function weightV2({ shares, idle }: CpuLimits, version: number | undefined, current: CurrentValues) {
  if (idle === 1) return hasIdle(version) ? [limitProperty("CPUWeight", IDLE)] : [];
  if (shares) return [limitProperty("CPUWeight", cpuWeight(shares))];
  // The kernel gives back the default weight, which systemd writes for none.
  return idle === 0 && current["cpu.idle"] === "1" ? [limitProperty("CPUWeight", "max")] : [];
}

function cpuset({ cpus, mems }: CpuLimits): readonly UnitProperty[] {
  return [
    ...(cpus ? [maskProperty("AllowedCPUs", cpus)] : []),
    ...(mems ? [maskProperty("AllowedMemoryNodes", mems)] : []),
  ];
}

function ioV2({ blockIO }: Resources): readonly UnitProperty[] {
  return blockIO?.weight ? [limitProperty("IOWeight", ioWeight(blockIO.weight))] : [];
}

function limitsV1({ memory, cpu, blockIO }: Resources): readonly UnitProperty[] {
  return [
    ...(memory?.limit ? [limitProperty("MemoryLimit", memory.limit)] : []),
    ...(cpu?.shares ? [limitProperty("CPUShares", cpu.shares)] : []),
    ...(blockIO?.weight ? [limitProperty("BlockIOWeight", blockIO.weight)] : []),
  ];
}

function quota({ quota: wanted, period }: CpuLimits, current: CurrentValues): readonly UnitProperty[] {
  if (!wanted && !period) return [];
  const [presentQuota = "max", presentPeriod = DEFAULT_PERIOD_US] = current["cpu.max"]?.split(" ") ?? [];
  const present = presentQuota === "max" ? presentQuota : BigInt(presentQuota);
  return quotaProperties(wanted ? BigInt(wanted) : present, BigInt(period || presentPeriod));
}

function tasks(resources: Resources): readonly UnitProperty[] {
  return compilePids(resources, NOWHERE).flatMap((write) =>
    write.kind === "write" ? [limitProperty("TasksMax", write.value)] : [],
  );
}
