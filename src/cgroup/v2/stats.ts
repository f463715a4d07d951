import type { Integer } from "../decimal.ts";
import type { BlkioEntry } from "../stat-parsers.ts";
import { keyNumbers, linesOf, statNumber, UINT64_MAX } from "../stat-parsers.ts";
import type { BlkioStats, CgroupStats, CpuStats, MemoryEntry, MemoryStats } from "../stats.ts";

/** The text of a file in the container's directory, if it exists. */
type Read = (file: string) => string | undefined;

/** cpu.stat counts microseconds, and usage also where the controller is not enabled. Source: the kernel's cgroup-v2.rst, "CPU". */
export function cpuUsage(read: Read): CpuStats["usage"] {
  const { usage_usec = 0, system_usec = 0, user_usec = 0 } = keyNumbers(read("cpu.stat"));
  return { total: nanoseconds(usage_usec), kernel: nanoseconds(system_usec), user: nanoseconds(user_usec) };
}

/** Source: the kernel's cgroup-v2.rst, "CPU". */
export function cpuThrottling(read: Read): CpuStats["throttling"] {
  const { nr_periods = 0, nr_throttled = 0, throttled_usec = 0 } = keyNumbers(read("cpu.stat"));
  return { periods: nr_periods, throttledPeriods: nr_throttled, throttledTime: nanoseconds(throttled_usec) };
}

function nanoseconds(microseconds: Integer): bigint {
  return BigInt(microseconds) * 1000n;
}

/** Swap is told as v1 tells it, memory included; its peak cannot be. Source: the kernel's cgroup-v2.rst, "Memory". */
export function memoryStats(read: Read): MemoryStats {
  const raw = keyNumbers(read("memory.stat"));
  const failcnt = keyNumbers(read("memory.events")).max ?? 0;
  const usage: MemoryEntry = {
    limit: statNumber(read("memory.max")),
    usage: statNumber(read("memory.current")),
    max: statNumber(read("memory.peak")),
    failcnt,
  };
  const swap: MemoryEntry = {
    limit: sum(usage.limit, statNumber(read("memory.swap.max"))),
    usage: sum(usage.usage, statNumber(read("memory.swap.current"))),
    max: 0,
    failcnt: keyNumbers(read("memory.swap.events")).max ?? 0,
  };
  const kernel: MemoryEntry = { limit: 0, usage: raw.kernel ?? 0, max: 0, failcnt: 0 };
  return { cache: raw.file ?? 0, usage, swap, kernel, kernelTCP: { ...kernel, usage: raw.sock ?? 0 }, raw };
}

/** The sum of two amounts or limits, of which either may be "none". */
function sum(one: Integer, other: Integer): Integer {
  const both = BigInt(one) + BigInt(other);
  return both > UINT64_MAX ? UINT64_MAX : both;
}

/** io.stat's keys, as v1 has called the same. Source: the kernel's cgroup-v2.rst, "IO". */
const IO_KEYS: Readonly<Record<string, readonly ["ioServiceBytesRecursive" | "ioServicedRecursive", string]>> = {
  rbytes: ["ioServiceBytesRecursive", "Read"],
  wbytes: ["ioServiceBytesRecursive", "Write"],
  dbytes: ["ioServiceBytesRecursive", "Discard"],
  rios: ["ioServicedRecursive", "Read"],
  wios: ["ioServicedRecursive", "Write"],
  dios: ["ioServicedRecursive", "Discard"],
};

/** Lines such as "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0". */
export function ioStats(read: Read): BlkioStats {
  const lists = { ioServiceBytesRecursive: [] as BlkioEntry[], ioServicedRecursive: [] as BlkioEntry[] };
  for (const line of linesOf(read("io.stat"))) {
    const [device = "", ...pairs] = line.split(" ");
    const [major = Number.NaN, minor = Number.NaN] = device.split(":").map(Number);
    for (const pair of pairs) {
      const [key = "", value] = pair.split("=");
      const place = IO_KEYS[key];
      if (place !== undefined) lists[place[0]].push({ major, minor, op: place[1], value: statNumber(value) });
    }
  }
  return lists;
}

/** Reservations, where the kernel counts them, hold the pages in use too. Source: the kernel's cgroup-v2.rst, "HugeTLB". */
export function hugetlbStats(pageSizes: readonly string[]): (read: Read) => CgroupStats["hugetlb"] {
  return (read) => Object.fromEntries(pageSizes.flatMap((size) => hugetlbEntry(size, read)));
}

function hugetlbEntry(size: string, read: Read) {
  const usage = read(`hugetlb.${size}.rsvd.current`) ?? read(`hugetlb.${size}.current`);
  if (usage === undefined) return [];
  const failcnt = keyNumbers(read(`hugetlb.${size}.events`)).max ?? 0;
  return [[size, { usage: statNumber(usage), max: 0, failcnt }] as const];
}
