import type { Origin } from "../../base/origin.ts";
import type { InheritFile } from "../cgroup-plan.ts";

/**
 * New v1 cpusets are empty, and no process can join an empty one (ENOSPC): each takes from its parent what it has no
 * values for. Ancestors do so, from the top down, before the container's own values are written, and the container's
 * cpuset after that. Source: cpuset(7).
 */
export function inheritCpuset(path: string, parent: string, from: Origin): readonly InheritFile[] {
  return [
    { kind: "inherit", path, parent, file: "cpuset.cpus", from },
    { kind: "inherit", path, parent, file: "cpuset.mems", from },
  ];
}
