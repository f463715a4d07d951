import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite } from "./cgroup-plan.ts";
import type { Target } from "./target.ts";
import { resource, write } from "./target.ts";

/** Compiles linux.resources.cpu.cpus and mems: the same files in v1 and v2. Source: config-linux.md#cpu, cpuset(7). */
export function compileCpuset(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { cpus, mems } = resources.cpu ?? {};
  const writes: CgroupWrite[] = [];
  if (cpus) writes.push(write(target, "cpuset.cpus", cpus, resource("cpu", "cpus")));
  if (mems) writes.push(write(target, "cpuset.mems", mems, resource("cpu", "mems")));
  return writes;
}
