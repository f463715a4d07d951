import type { CpuLimits, Resources } from "../../config/types.gen.ts";
import { compilePids } from "../pids.ts";
import type { CurrentValues, Target } from "../target.ts";
import { cpuWeight } from "../v2/cpu.ts";
import { ioWeight } from "../v2/io.ts";
import { compileMemoryV2 } from "../v2/memory.ts";
import { DEFAULT_PERIOD_US, quotaProperties } from "./cpu-quota.ts";
import { unifiedProperties } from "./unified-properties.ts";
import { limitProperty, maskProperty, type UnitProperty } from "./unit-property.ts";

/**
 * What of linux.resources systemd has a property for: it writes the files of those anew when it likes, such as at a
 * daemon-reload, and would undo what it was not told. `isUnified` says where the controllers are. Source:
 * systemd.resource-control(5).
 */
export function resourceProperties(
  resources: Resources,
  isUnified: boolean,
  current: CurrentValues = {},
): readonly UnitProperty[] {
  const { cpu = {} } = resources;
  const common = [...quota(cpu, current), ...tasks(resources)];
  return isUnified
    ? [...memoryV2(resources, current), ...cpuV2(cpu), ...ioV2(resources), ...common, ...unifiedProperties(resources)]
    : [...limitsV1(resources), ...common];
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

function cpuV2({ shares, idle, cpus, mems }: CpuLimits): readonly UnitProperty[] {
  const weight = idle === 1 ? IDLE : shares ? cpuWeight(shares) : undefined;
  return [
    ...(weight === undefined ? [] : [limitProperty("CPUWeight", weight)]),
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
