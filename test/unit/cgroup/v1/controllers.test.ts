import assert from "node:assert/strict";
import { test } from "node:test";
import type { ControllerCompiler } from "../../../../src/cgroup/controllers.ts";
import { compileCpuset } from "../../../../src/cgroup/cpuset.ts";
import { compilePids } from "../../../../src/cgroup/pids.ts";
import { compileRdma } from "../../../../src/cgroup/rdma.ts";
import { compileBlkioV1 } from "../../../../src/cgroup/v1/blkio.ts";
import { compileHugetlbV1 } from "../../../../src/cgroup/v1/hugetlb.ts";
import { compileNetClsV1 } from "../../../../src/cgroup/v1/net-cls.ts";
import { compileNetPrioV1 } from "../../../../src/cgroup/v1/net-prio.ts";
import type { Resources } from "../../../../src/config/types.gen.ts";
import { originsOf, writeText } from "../write-text.ts";

const TARGET = { directory: "/cg/demo", ancestors: [] };

interface Case {
  readonly compile: ControllerCompiler;
  readonly resources: Resources;
  readonly writes: readonly string[];
  readonly origins: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  "compilePids writes the limit": {
    compile: compilePids,
    resources: { pids: { limit: 100 } },
    writes: ["pids.max = 100"],
    origins: ["/linux/resources/pids/limit"],
  },
  "compilePids lifts the limit when it is negative": {
    compile: compilePids,
    resources: { pids: { limit: -1 } },
    writes: ["pids.max = max"],
    origins: ["/linux/resources/pids/limit"],
  },
  "compilePids leaves room for the first process when the limit is 0": {
    compile: compilePids,
    resources: { pids: { limit: 0 } },
    writes: ["pids.max = 1"],
    origins: ["/linux/resources/pids/limit"],
  },
  "compileCpuset writes what the config gives and no empty text": {
    compile: compileCpuset,
    resources: { cpu: { cpus: "0-1", mems: "" } },
    writes: ["cpuset.cpus = 0-1"],
    origins: ["/linux/resources/cpu/cpus"],
  },
  "compileBlkioV1 tries BFQ's files where CFQ's do not exist": {
    compile: compileBlkioV1,
    resources: { blockIO: { weight: 500, weightDevice: [{ major: 8, minor: 0, weight: 300 }] } },
    writes: ["blkio.weight = 500 | blkio.bfq.weight", "blkio.weight_device = 8:0 300 | blkio.bfq.weight_device"],
    origins: ["/linux/resources/blockIO/weight", "/linux/resources/blockIO/weightDevice/0/weight"],
  },
  "compileBlkioV1 writes leaf weights to the only file that ever was": {
    compile: compileBlkioV1,
    resources: { blockIO: { leafWeight: 20, weightDevice: [{ major: 8, minor: 16, leafWeight: 30 }] } },
    writes: ["blkio.leaf_weight = 20", "blkio.leaf_weight_device = 8:16 30"],
    origins: ["/linux/resources/blockIO/leafWeight", "/linux/resources/blockIO/weightDevice/0/leafWeight"],
  },
  "compileBlkioV1 writes every throttle, 0 included, which lifts it": {
    compile: compileBlkioV1,
    resources: {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 18_446_744_073_709_551_615n }],
        throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 2 }],
        throttleReadIOPSDevice: [{ major: 8, minor: 0, rate: 0 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 4 }],
      },
    },
    writes: [
      "blkio.throttle.read_bps_device = 8:0 18446744073709551615",
      "blkio.throttle.write_bps_device = 8:0 2",
      "blkio.throttle.read_iops_device = 8:0 0",
      "blkio.throttle.write_iops_device = 8:0 4",
    ],
    origins: [
      "/linux/resources/blockIO/throttleReadBpsDevice/0",
      "/linux/resources/blockIO/throttleWriteBpsDevice/0",
      "/linux/resources/blockIO/throttleReadIOPSDevice/0",
      "/linux/resources/blockIO/throttleWriteIOPSDevice/0",
    ],
  },
  "compileHugetlbV1 limits reservations too where the kernel can": {
    compile: compileHugetlbV1,
    resources: { hugepageLimits: [{ pageSize: "2MB", limit: 4_194_304 }] },
    writes: ["hugetlb.2MB.limit_in_bytes = 4194304", "hugetlb.2MB.rsvd.limit_in_bytes = 4194304 ?exists"],
    origins: ["/linux/resources/hugepageLimits/0"],
  },
  "compileNetClsV1 writes the class": {
    compile: compileNetClsV1,
    resources: { network: { classID: 1_048_577 } },
    writes: ["net_cls.classid = 1048577"],
    origins: ["/linux/resources/network/classID"],
  },
  "compileNetPrioV1 writes one interface at a time": {
    compile: compileNetPrioV1,
    resources: {
      network: {
        priorities: [
          { name: "lo", priority: 1 },
          { name: "eth0", priority: 5 },
        ],
      },
    },
    writes: ["net_prio.ifpriomap = lo 1", "net_prio.ifpriomap = eth0 5"],
    origins: ["/linux/resources/network/priorities/0", "/linux/resources/network/priorities/1"],
  },
  "compileRdma writes what is given of each device": {
    compile: compileRdma,
    resources: { rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10_000 }, mlx4_0: { hcaObjects: 1 } } },
    writes: ["rdma.max = mlx5_1 hca_handle=3 hca_object=10000", "rdma.max = mlx4_0 hca_object=1"],
    origins: ["/linux/resources/rdma/mlx5_1", "/linux/resources/rdma/mlx4_0"],
  },
};

for (const [name, { compile, resources, writes, origins }] of Object.entries(CASES)) {
  test(name, () => {
    const compiled = compile(resources, TARGET);
    assert.deepEqual(
      compiled.map((write) => writeText(write, TARGET.directory)),
      writes,
    );
    assert.deepEqual(originsOf(compiled), origins);
    assert.deepEqual(compile({}, TARGET), []);
  });
}
