import assert from "node:assert/strict";
import { test } from "node:test";
import { exactJson } from "../../../src/base/exact-json.ts";
import { cgroupStats, pageSizeOf } from "../../../src/cgroup/stats.ts";

const V1_FILES: Readonly<Record<string, string>> = {
  "/cpu/cpu.stat": "nr_periods 3\nnr_throttled 2\nthrottled_time 1000\n",
  "/acct/cpuacct.usage": "5000\n",
  "/acct/cpuacct.stat": "user 7\nsystem 3\n",
  "/acct/cpuacct.usage_percpu": "2000 3000 \n",
  "/acct/cpuacct.usage_all": "cpu user system\n0 1500 500\n1 2500 500\n",
  "/set/cpuset.cpus": "0-2,5\n",
  "/set/cpuset.mems": "0\n",
  "/set/cpuset.sched_relax_domain_level": "-1\n",
  "/mem/memory.stat": "cache 4096\nrss 8192\n",
  "/mem/memory.limit_in_bytes": "9223372036854771712\n",
  "/mem/memory.usage_in_bytes": "12288\n",
  "/mem/memory.max_usage_in_bytes": "20480\n",
  "/mem/memory.failcnt": "1\n",
  "/mem/memory.memsw.limit_in_bytes": "100000\n",
  "/mem/memory.kmem.usage_in_bytes": "512\n",
  "/pids/pids.current": "4\n",
  "/pids/pids.max": "max\n",
  "/blk/blkio.bfq.io_service_bytes_recursive": "Total 0\n",
  "/blk/blkio.throttle.io_service_bytes_recursive": "8:0 Read 10\n8:0 Total 10\nTotal 10\n",
  "/blk/blkio.time_recursive": "8:0 77\n",
  "/huge/hugetlb.2MB.usage_in_bytes": "1\n",
  "/huge/hugetlb.1GB.rsvd.usage_in_bytes": "2\n",
  "/huge/hugetlb.1GB.rsvd.failcnt": "3\n",
};

const V1_PATHS = {
  v1: { cpu: "/cpu", cpuacct: "/acct", cpuset: "/set", memory: "/mem", pids: "/pids", blkio: "/blk", hugetlb: "/huge" },
};

const V2_FILES: Readonly<Record<string, string>> = {
  "/cg/cpu.stat": "usage_usec 10\nuser_usec 7\nsystem_usec 3\nnr_periods 1\nnr_throttled 1\nthrottled_usec 2\n",
  "/cg/cpu.pressure": "some avg10=1.50 avg60=0.00 avg300=0.25 total=99\n",
  "/cg/memory.stat": "file 4096\nkernel 100\nsock 7\n",
  "/cg/memory.current": "8192\n",
  "/cg/memory.max": "max\n",
  "/cg/memory.peak": "9000\n",
  "/cg/memory.events": "low 0\nmax 5\noom 0\n",
  "/cg/memory.swap.current": "10\n",
  "/cg/memory.swap.max": "max\n",
  "/cg/pids.current": "2\n",
  "/cg/pids.max": "10\n",
  "/cg/cpuset.cpus": "\n",
  "/cg/io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0 cost.usage=9\n",
  "/cg/hugetlb.2MB.current": "6\n",
  "/cg/hugetlb.2MB.events": "max 8\n",
};

test("cgroupStats reads every v1 controller", () => {
  const stats = cgroupStats(V1_PATHS, ["2MB", "1GB"], (path) => V1_FILES[path]);
  assert.deepEqual(stats.cpu, {
    usage: {
      total: 5000,
      user: 70_000_000n,
      kernel: 30_000_000n,
      percpu: [2000, 3000],
      percpu_user: [1500, 2500],
      percpu_kernel: [500, 500],
    },
    throttling: { periods: 3, throttledPeriods: 2, throttledTime: 1000 },
  });
  assert.deepEqual([stats.cpuset.cpus, stats.cpuset.mems], [[0, 1, 2, 5], [0]]);
  assert.equal(stats.cpuset.sched_relax_domain_level, -1);
  assert.deepEqual(stats.pids, { current: 4, limit: 0 });
  assert.deepEqual(stats.hugetlb, { "2MB": { usage: 1, max: 0, failcnt: 0 }, "1GB": { usage: 2, max: 0, failcnt: 3 } });
});

test("cgroupStats reads v1 memory with limits that a number cannot hold", () => {
  const { memory } = cgroupStats(V1_PATHS, [], (path) => V1_FILES[path]);
  assert.deepEqual(memory.usage, { limit: 9_223_372_036_854_771_712n, usage: 12_288, max: 20_480, failcnt: 1 });
  assert.deepEqual([memory.cache, memory.swap.limit, memory.kernel.usage], [4096, 100_000, 512]);
  assert.deepEqual(memory.raw, { cache: 4096, rss: 8192 });
});

test("cgroupStats takes each blkio number from the first file that has devices", () => {
  const { blkio } = cgroupStats(V1_PATHS, [], (path) => V1_FILES[path]);
  assert.deepEqual(blkio, {
    ioServiceBytesRecursive: [
      { major: 8, minor: 0, op: "Read", value: 10 },
      { major: 8, minor: 0, op: "Total", value: 10 },
    ],
    ioTimeRecursive: [{ major: 8, minor: 0, op: "", value: 77 }],
  });
});

test("cgroupStats reads the unified hierarchy in v1's units", () => {
  const stats = cgroupStats({ v1: {}, v2: "/cg" }, ["2MB", "1GB"], (path) => V2_FILES[path]);
  assert.deepEqual(stats.cpu, {
    usage: { total: 10_000n, user: 7000n, kernel: 3000n },
    throttling: { periods: 1, throttledPeriods: 1, throttledTime: 2000n },
    psi: {
      some: { avg10: 1.5, avg60: 0, avg300: 0.25, total: 99 },
      full: { avg10: 0, avg60: 0, avg300: 0, total: 0 },
    },
  });
  assert.deepEqual(stats.memory.usage, { limit: 18_446_744_073_709_551_615n, usage: 8192, max: 9000, failcnt: 5 });
  assert.deepEqual(stats.memory.swap, { limit: 18_446_744_073_709_551_615n, usage: 8202n, max: 0, failcnt: 0 });
  assert.deepEqual([stats.memory.kernel.usage, stats.memory.kernelTCP.usage], [100, 7]);
  assert.deepEqual(stats.pids, { current: 2, limit: 10 });
  assert.deepEqual(stats.cpuset.cpus, []);
  assert.deepEqual(stats.hugetlb, { "2MB": { usage: 6, max: 0, failcnt: 8 } });
  assert.deepEqual(
    stats.blkio.ioServicedRecursive?.map(({ op, value }) => `${op} ${value}`),
    ["Read 3", "Write 4", "Discard 0"],
  );
});

test("cgroupStats is all zeros, and no error, where no file exists", () => {
  const stats = cgroupStats({ v1: {} }, ["2MB"], () => undefined);
  assert.deepEqual(stats.pids, { current: 0, limit: 0 });
  assert.deepEqual(stats.memory.raw, {});
});

test("pageSizeOf names pages as cgroup files do", () => {
  const names = ["hugepages-64kB", "hugepages-2048kB", "hugepages-1048576kB"].map(pageSizeOf);
  assert.deepEqual(names, ["64KB", "2MB", "1GB"]);
});

test("exactJson writes great integers as they are and leaves undefined members out", () => {
  const value = { limit: 18_446_744_073_709_551_615n, list: [1, 2n, "a"], none: undefined, 'quo"te': null, ok: true };
  assert.equal(exactJson(value), '{"limit":18446744073709551615,"list":[1,2,"a"],"quo\\"te":null,"ok":true}');
});
