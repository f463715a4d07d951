import type { Origin } from "../../base/origin.ts";
import type { CgroupWrite, InheritFile } from "../cgroup-plan.ts";
import type { Resources } from "../resources.ts";
import type { Target } from "../target.ts";
import { resource, write } from "../target.ts";

/** Compiles linux.resources.cpu.cpus and mems for v1. Source: config-linux.md#cpu, cpuset(7). */
export function compileCpusetV1(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { cpus, mems } = resources.cpu ?? {};
  const writes: CgroupWrite[] = [];
  if (cpus) writes.push(write(target, "cpuset.cpus", cpus, resource("cpu", "cpus")));
  if (mems) writes.push(write(target, "cpuset.mems", mems, resource("cpu", "mems")));
  return writes;
}

/**
 * New v1 cpusets are empty, and no process can join an empty one (ENOSPC): the ancestors, from the top down, take
 * what their parents have before the container's own values are written.
 */
export function inheritCpusets(mountpoint: string, ancestors: readonly string[], from: Origin): readonly InheritFile[] {
  return ancestors.flatMap((path, index) => inheritBoth(path, ancestors[index - 1] ?? mountpoint, from));
}

/** What the config leaves open of the container's own cpuset, after its own values are written. */
export function inheritBoth(path: string, parent: string, from: Origin): readonly InheritFile[] {
  return [
    { kind: "inherit", path, parent, file: "cpuset.cpus", from },
    { kind: "inherit", path, parent, file: "cpuset.mems", from },
  ];
}
