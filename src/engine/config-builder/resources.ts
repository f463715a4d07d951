import type { BlockIoLimits, CpuLimits, MemoryLimits, Resources } from "../../config/types.gen.ts";
import { EngineError } from "../base/errors.ts";
import type { HostConfig, PathRate } from "../container/container-config.ts";
import type { BundleHost, BundleInput } from "./bundle-input.ts";
import { deviceRules } from "./devices.ts";

/** linux.resources of a container. Throws EngineError for limits that contradict each other. */
export function resourcesOf(input: BundleInput): Resources {
  return { devices: deviceRules(input), ...limitsOf(input.hostConfig, input) };
}

/** The limits alone, as `update` changes them. */
export function limitsOf(
  asked: HostConfig,
  { host, blockDevices }: Pick<BundleInput, "host" | "blockDevices">,
): Resources {
  const memory = memoryOf(asked, host.hasSwapAccounting);
  const cpu = cpuOf(asked, host);
  const blockIO = blockIoOf(asked, blockDevices);
  return {
    ...(hasMembers(memory) && { memory }),
    ...(hasMembers(cpu) && { cpu }),
    ...(hasMembers(blockIO) && { blockIO }),
    ...(asked.PidsLimit !== 0 && { pids: { limit: asked.PidsLimit } }),
  };
}

function hasMembers(value: object): boolean {
  return Object.keys(value).length > 0;
}

/** Docker's least limit, below which no program starts. */
const MIN_MEMORY = 6 << 20;

function memoryOf(asked: HostConfig, hasSwapAccounting: boolean): MemoryLimits {
  const { Memory: limit, MemorySwap: swap, MemoryReservation: reservation } = asked;
  if (limit > 0 && limit < MIN_MEMORY) throw refused("Minimum memory limit allowed is 6MB", "--memory");
  if (swap > 0 && limit === 0)
    throw refused("You should always set the Memory limit when using Memoryswap limit", "--memory-swap");
  if (swap > 0 && swap < limit)
    throw refused("Minimum memoryswap limit should be larger than memory limit", "--memory-swap");
  if (limit > 0 && reservation > limit) {
    throw refused("Minimum memory limit can not be less than memory reservation limit", "--memory-reservation");
  }
  return {
    ...(limit > 0 && { limit }),
    ...(reservation > 0 && { reservation }),
    // Unless it says otherwise, a container may swap as much as it has memory.
    ...(hasSwapAccounting && limit > 0 && { swap: swap === 0 ? 2 * limit : swap }),
    ...(asked.MemorySwappiness >= 0 && { swappiness: asked.MemorySwappiness }),
    ...(asked.OomKillDisable && { disableOOMKiller: true }),
  };
}

/** Of a CPU quota where none was asked for, in microseconds. Source: Linux' Documentation/scheduler/sched-bwc.rst. */
export const PERIOD = 100_000;

function cpuOf(asked: HostConfig, host: Pick<BundleHost, "cpuCount">): CpuLimits {
  const { NanoCpus: nanoCpus, CpuQuota: quota, CpuPeriod: period } = asked;
  if (nanoCpus > 0 && (quota > 0 || period > 0)) {
    const other = period > 0 ? "Period" : "Quota";
    throw refused(`Conflicting options: Nano CPUs and CPU ${other} cannot both be set`, "--cpus");
  }
  if (nanoCpus > 0 && nanoCpus > host.cpuCount * 1e9) {
    throw refused(
      `range of CPUs is from 0.01 to ${host.cpuCount}.00, as there are only ${host.cpuCount} CPUs available`,
      "--cpus",
    );
  }
  return {
    ...(asked.CpuShares > 0 && { shares: asked.CpuShares }),
    ...(nanoCpus > 0 && { period: PERIOD, quota: Math.round((nanoCpus / 1e9) * PERIOD) }),
    ...(period > 0 && { period }),
    ...(quota !== 0 && { quota }),
    ...(asked.CpuRealtimePeriod > 0 && { realtimePeriod: asked.CpuRealtimePeriod }),
    ...(asked.CpuRealtimeRuntime > 0 && { realtimeRuntime: asked.CpuRealtimeRuntime }),
    ...(asked.CpusetCpus !== "" && { cpus: asked.CpusetCpus }),
    ...(asked.CpusetMems !== "" && { mems: asked.CpusetMems }),
  };
}

function blockIoOf(asked: HostConfig, numbers: BundleInput["blockDevices"]): BlockIoLimits {
  const numbersOf = (path: string, flag: string) => {
    const found = numbers[path];
    if (found === undefined) throw refused(`"${path}" is no block device`, flag);
    return { major: found.major, minor: found.minor };
  };
  const rates = (member: string, list: readonly PathRate[], flag: string) =>
    list.length > 0 && { [member]: list.map(({ Path, Rate }) => ({ ...numbersOf(Path, flag), rate: Rate })) };
  const weights = asked.BlkioWeightDevice.map(({ Path, Weight }) => ({
    ...numbersOf(Path, "--blkio-weight-device"),
    weight: Weight,
  }));
  return {
    ...(asked.BlkioWeight > 0 && { weight: asked.BlkioWeight }),
    ...(weights.length > 0 && { weightDevice: weights }),
    ...rates("throttleReadBpsDevice", asked.BlkioDeviceReadBps, "--device-read-bps"),
    ...rates("throttleWriteBpsDevice", asked.BlkioDeviceWriteBps, "--device-write-bps"),
    ...rates("throttleReadIOPSDevice", asked.BlkioDeviceReadIOps, "--device-read-iops"),
    ...rates("throttleWriteIOPSDevice", asked.BlkioDeviceWriteIOps, "--device-write-iops"),
  };
}

function refused(message: string, flag: string): EngineError {
  return new EngineError(message, { code: "ERR_USAGE", flag });
}
