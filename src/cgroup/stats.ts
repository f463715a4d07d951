import type { CgroupPaths } from "./cgroup-plan.ts";
import type { Integer } from "./decimal.ts";
import type { BlkioEntry, PressureStats } from "./stat-parsers.ts";
import { pressureStats } from "./stat-parsers.ts";
import * as v1 from "./v1/stats.ts";
import * as v2 from "./v2/stats.ts";

/**
 * What a container has used, with the names and units that the readers of `events` know: bytes, and nanoseconds where
 * nothing else is said. "No limit" is the greatest uint64, and 0 for processes.
 */
export interface CgroupStats {
  readonly cpu: CpuStats;
  readonly cpuset: CpusetStats;
  readonly memory: MemoryStats;
  readonly pids: { readonly current: Integer; readonly limit: Integer };
  readonly blkio: BlkioStats;
  /** By page size, such as "2MB". */
  readonly hugetlb: Readonly<
    Record<string, { readonly usage: Integer; readonly max: Integer; readonly failcnt: Integer }>
  >;
}

export interface CpuStats {
  readonly usage: {
    readonly total: Integer;
    readonly kernel: Integer;
    readonly user: Integer;
    readonly percpu?: readonly Integer[];
    readonly percpu_kernel?: readonly Integer[];
    readonly percpu_user?: readonly Integer[];
  };
  readonly throttling: {
    readonly periods: Integer;
    readonly throttledPeriods: Integer;
    readonly throttledTime: Integer;
  };
  readonly psi?: PressureStats;
}

export interface CpusetStats {
  readonly cpus: readonly number[];
  readonly mems: readonly number[];
  readonly cpu_exclusive: Integer;
  readonly mem_exclusive: Integer;
  readonly mem_hardwall: Integer;
  readonly memory_migrate: Integer;
  readonly memory_pressure: Integer;
  readonly memory_spread_page: Integer;
  readonly memory_spread_slab: Integer;
  readonly sched_load_balance: Integer;
  readonly sched_relax_domain_level: Integer;
}

export interface MemoryEntry {
  readonly limit: Integer;
  readonly usage: Integer;
  readonly max: Integer;
  readonly failcnt: Integer;
}

export interface MemoryStats {
  readonly cache: Integer;
  readonly usage: MemoryEntry;
  /** Memory and swap together. */
  readonly swap: MemoryEntry;
  readonly kernel: MemoryEntry;
  readonly kernelTCP: MemoryEntry;
  /** memory.stat as it is. */
  readonly raw: Readonly<Record<string, Integer>>;
  readonly psi?: PressureStats;
}

export interface BlkioStats {
  readonly ioServiceBytesRecursive?: readonly BlkioEntry[];
  readonly ioServicedRecursive?: readonly BlkioEntry[];
  readonly ioQueueRecursive?: readonly BlkioEntry[];
  readonly ioServiceTimeRecursive?: readonly BlkioEntry[];
  readonly ioWaitTimeRecursive?: readonly BlkioEntry[];
  readonly ioMergedRecursive?: readonly BlkioEntry[];
  readonly ioTimeRecursive?: readonly BlkioEntry[];
  readonly sectorsRecursive?: readonly BlkioEntry[];
  readonly psi?: PressureStats;
}

/** The text of a file of a cgroup; undefined where it does not exist or is not supported (ENOENT, EOPNOTSUPP). */
export type StatReader = (path: string) => string | undefined;

/** The same of a file in one directory, by its name. */
type Read = StatReader;

/**
 * Reads what a container has used, each controller where it is. `pageSizes` are the kernel's huge pages, such as
 * "2MB". Source: the kernel's cgroup-v1/*.rst and cgroup-v2.rst.
 */
export function cgroupStats(paths: CgroupPaths, pageSizes: readonly string[], read: StatReader): CgroupStats {
  const inV2 = (file: string) => (paths.v2 === undefined ? undefined : read(`${paths.v2}/${file}`));
  /** What `fromV1` reads of a controller's own directory, or else `fromV2` of the unified one. */
  const either = <T>(controller: string, fromV1: (file: Read) => T, fromV2: (file: Read) => T): T => {
    const directory = paths.v1[controller];
    return directory === undefined ? fromV2(inV2) : fromV1((file) => read(`${directory}/${file}`));
  };
  return {
    cpu: {
      usage: either("cpuacct", v1.cpuUsage, v2.cpuUsage),
      throttling: either("cpu", v1.cpuThrottling, v2.cpuThrottling),
      ...pressure(inV2, "cpu"),
    },
    cpuset: either("cpuset", v1.cpusetStats, v1.cpusetStats),
    memory: { ...either("memory", v1.memoryStats, v2.memoryStats), ...pressure(inV2, "memory") },
    pids: either("pids", v1.pidsStats, v1.pidsStats),
    blkio: { ...either("blkio", v1.blkioStats, v2.ioStats), ...pressure(inV2, "io") },
    hugetlb: either("hugetlb", v1.hugetlbStats(pageSizes), v2.hugetlbStats(pageSizes)),
  };
}

/** The name that cgroup files have for the pages of a directory such as /sys/kernel/mm/hugepages/hugepages-2048kB. */
export function pageSizeOf(directoryName: string): string {
  const kibibytes = Number(/^hugepages-(\d+)kB$/.exec(directoryName)?.[1] ?? 0);
  if (kibibytes >= 1024 * 1024) return `${kibibytes / (1024 * 1024)}GB`;
  return kibibytes >= 1024 ? `${kibibytes / 1024}MB` : `${kibibytes}KB`;
}

function pressure(inV2: Read, resource: string): { readonly psi?: PressureStats } {
  const psi = pressureStats(inV2(`${resource}.pressure`));
  return psi === undefined ? {} : { psi };
}
