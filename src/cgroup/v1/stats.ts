import type { Integer } from "../decimal.ts";
import type { BlkioEntry } from "../stat-parsers.ts";
import { blkioEntries, keyNumbers, linesOf, numberList, rangeList, statNumber } from "../stat-parsers.ts";
import type { BlkioStats, CgroupStats, CpuStats, CpusetStats, MemoryEntry, MemoryStats } from "../stats.ts";

/** The text of a file in the controller's directory, if it exists. */
type Read = (file: string) => string | undefined;

/** cpuacct.stat counts in ticks of USER_HZ, which is 100 on every Linux. Source: cgroup-v1/cpuacct.rst. */
const NANOSECONDS_PER_TICK = 10_000_000n;

/** Source: the kernel's cgroup-v1/cpuacct.rst. */
export function cpuUsage(read: Read): CpuStats["usage"] {
  const ticks = keyNumbers(read("cpuacct.stat"));
  const [, ...rows] = linesOf(read("cpuacct.usage_all")).map(numberList);
  return {
    total: statNumber(read("cpuacct.usage")),
    kernel: BigInt(ticks.system ?? 0) * NANOSECONDS_PER_TICK,
    user: BigInt(ticks.user ?? 0) * NANOSECONDS_PER_TICK,
    percpu: numberList(read("cpuacct.usage_percpu")),
    percpu_kernel: rows.map(([, , system = 0]) => system),
    percpu_user: rows.map(([, user = 0]) => user),
  };
}

/** Source: the kernel's Documentation/scheduler/sched-bwc.rst. */
export function cpuThrottling(read: Read): CpuStats["throttling"] {
  const { nr_periods = 0, nr_throttled = 0, throttled_time = 0 } = keyNumbers(read("cpu.stat"));
  return { periods: nr_periods, throttledPeriods: nr_throttled, throttledTime: throttled_time };
}

/** Source: cpuset(7); v2 has the first two of the files. */
export function cpusetStats(read: Read): CpusetStats {
  const number = (name: string) => statNumber(read(`cpuset.${name}`));
  return {
    cpus: rangeList(read("cpuset.cpus")),
    mems: rangeList(read("cpuset.mems")),
    cpu_exclusive: number("cpu_exclusive"),
    mem_exclusive: number("mem_exclusive"),
    mem_hardwall: number("mem_hardwall"),
    memory_migrate: number("memory_migrate"),
    memory_pressure: number("memory_pressure"),
    memory_spread_page: number("memory_spread_page"),
    memory_spread_slab: number("memory_spread_slab"),
    sched_load_balance: number("sched_load_balance"),
    sched_relax_domain_level: number("sched_relax_domain_level"),
  };
}

/** Source: the kernel's cgroup-v1/memory.rst. */
export function memoryStats(read: Read): MemoryStats {
  const raw = keyNumbers(read("memory.stat"));
  const entry = (prefix: string): MemoryEntry => ({
    limit: statNumber(read(`${prefix}.limit_in_bytes`)),
    usage: statNumber(read(`${prefix}.usage_in_bytes`)),
    max: statNumber(read(`${prefix}.max_usage_in_bytes`)),
    failcnt: statNumber(read(`${prefix}.failcnt`)),
  });
  return {
    cache: raw.cache ?? 0,
    usage: entry("memory"),
    swap: entry("memory.memsw"),
    kernel: entry("memory.kmem"),
    kernelTCP: entry("memory.kmem.tcp"),
    raw,
  };
}

/** The same files in v1 and v2; no limit is 0. Source: the kernel's cgroup-v1/pids.rst. */
export function pidsStats(read: Read): CgroupStats["pids"] {
  const limit = read("pids.max")?.trim();
  return { current: statNumber(read("pids.current")), limit: limit === "max" ? 0 : statNumber(limit) };
}

/** Reservations, where the kernel counts them, hold the pages in use too. Source: the kernel's cgroup-v1/hugetlb.rst. */
export function hugetlbStats(pageSizes: readonly string[]): (read: Read) => CgroupStats["hugetlb"] {
  return (read) => Object.fromEntries(pageSizes.map((size) => [size, hugetlbEntry(size, read)]));
}

function hugetlbEntry(size: string, read: Read) {
  const reserved = read(`hugetlb.${size}.rsvd.usage_in_bytes`);
  const prefix = `hugetlb.${size}${reserved === undefined ? "" : ".rsvd"}`;
  const number = (name: string): Integer => statNumber(read(`${prefix}.${name}`));
  return { usage: number("usage_in_bytes"), max: number("max_usage_in_bytes"), failcnt: number("failcnt") };
}

/** The names that schedulers have had for their files, newest first; throttling's count every scheduler's requests. */
const BLKIO_PREFIXES = ["blkio.bfq", "blkio", "blkio.throttle"] as const;

const BLKIO_FILES = {
  ioServiceBytesRecursive: "io_service_bytes",
  ioServicedRecursive: "io_serviced",
  ioQueueRecursive: "io_queued",
  ioServiceTimeRecursive: "io_service_time",
  ioWaitTimeRecursive: "io_wait_time",
  ioMergedRecursive: "io_merged",
  ioTimeRecursive: "time",
  sectorsRecursive: "sectors",
} as const satisfies Readonly<Record<Exclude<keyof BlkioStats, "psi">, string>>;

/** Source: the kernel's cgroup-v1/blkio-controller.rst. */
export function blkioStats(read: Read): BlkioStats {
  const stats: Record<string, readonly BlkioEntry[]> = {};
  for (const [member, file] of Object.entries(BLKIO_FILES)) {
    const texts = BLKIO_PREFIXES.flatMap((prefix) => [read(`${prefix}.${file}_recursive`), read(`${prefix}.${file}`)]);
    const entries = texts.map((text) => (text === undefined ? [] : blkioEntries(text)));
    const found = entries.find((list) => list.length > 0);
    if (found !== undefined) stats[member] = found;
  }
  return stats;
}
