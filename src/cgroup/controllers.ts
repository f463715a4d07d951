import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite } from "./cgroup-plan.ts";
import { compileCpuset } from "./cpuset.ts";
import { compilePids } from "./pids.ts";
import { compileRdma } from "./rdma.ts";
import type { Target } from "./target.ts";
import { compileBlkioV1 } from "./v1/blkio.ts";
import { compileCpuV1 } from "./v1/cpu.ts";
import { compileHugetlbV1 } from "./v1/hugetlb.ts";
import { compileMemoryV1 } from "./v1/memory.ts";
import { compileNetClsV1 } from "./v1/net-cls.ts";
import { compileNetPrioV1 } from "./v1/net-prio.ts";
import { compileCpuV2 } from "./v2/cpu.ts";
import { compileHugetlbV2 } from "./v2/hugetlb.ts";
import { compileIoV2 } from "./v2/io.ts";
import { compileMemoryV2 } from "./v2/memory.ts";

/** Compiles the part of linux.resources that one controller is for. */
export type ControllerCompiler = (resources: Resources, target: Target) => readonly CgroupWrite[];

/** A controller: its name in each version, and what compiles its settings for it. */
export interface Controller {
  readonly v1: string;
  readonly compileV1: ControllerCompiler;
  /** Absent where v2 has no such controller. */
  readonly v2?: string;
  readonly compileV2?: ControllerCompiler;
}

/** Every controller with settings, but for devices, which is none in v2. Source: cgroups(7), the kernel's cgroup-v2.rst. */
export const CONTROLLERS: readonly Controller[] = [
  { v1: "cpu", compileV1: compileCpuV1, v2: "cpu", compileV2: compileCpuV2 },
  { v1: "cpuset", compileV1: compileCpuset, v2: "cpuset", compileV2: compileCpuset },
  { v1: "memory", compileV1: compileMemoryV1, v2: "memory", compileV2: compileMemoryV2 },
  { v1: "pids", compileV1: compilePids, v2: "pids", compileV2: compilePids },
  { v1: "blkio", compileV1: compileBlkioV1, v2: "io", compileV2: compileIoV2 },
  { v1: "hugetlb", compileV1: compileHugetlbV1, v2: "hugetlb", compileV2: compileHugetlbV2 },
  { v1: "rdma", compileV1: compileRdma, v2: "rdma", compileV2: compileRdma },
  { v1: "net_cls", compileV1: compileNetClsV1 },
  { v1: "net_prio", compileV1: compileNetPrioV1 },
];
