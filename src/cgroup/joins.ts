import type { Origin } from "../base/origin.ts";
import type { CgroupJoin, CgroupPaths } from "./cgroup-plan.ts";

/**
 * The v1 files that a new process of the container joins by, each hierarchy once. Memory is the last: what the process
 * does until then is not held against the container's limit. The same for `create` and, from the saved paths, `exec`.
 */
export function cgroupJoins(paths: CgroupPaths, from: Origin): readonly CgroupJoin[] {
  const memory = paths.v1.memory;
  const others = Object.values(paths.v1).filter((directory) => directory !== memory);
  const directories = [...new Set(others), ...(memory === undefined ? [] : [memory])];
  return directories.map((directory) => ({ path: `${directory}/tasks`, from }));
}
