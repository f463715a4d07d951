import type { CgroupWrite } from "../cgroup-plan.ts";
import { compilePids } from "../pids.ts";
import { compileRdma } from "../rdma.ts";
import type { Resources } from "../resources.ts";
import type { Target } from "../target.ts";
import { compileBlkioV1 } from "./blkio.ts";
import { compileCpuV1 } from "./cpu.ts";
import { compileCpusetV1 } from "./cpuset.ts";
import { compileHugetlbV1 } from "./hugetlb.ts";
import { compileMemoryV1 } from "./memory.ts";
import { compileNetClsV1 } from "./net-cls.ts";
import { compileNetPrioV1 } from "./net-prio.ts";

export type ControllerCompiler = (resources: Resources, target: Target) => readonly CgroupWrite[];

/** Each v1 controller with settings of its own, by its name in the mount table; devices are compiled apart. */
export const V1_CONTROLLERS: Readonly<Record<string, ControllerCompiler>> = {
  blkio: compileBlkioV1,
  cpu: compileCpuV1,
  cpuset: compileCpusetV1,
  hugetlb: compileHugetlbV1,
  memory: compileMemoryV1,
  net_cls: compileNetClsV1,
  net_prio: compileNetPrioV1,
  pids: compilePids,
  rdma: compileRdma,
};
