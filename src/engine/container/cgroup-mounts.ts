import { pathType, readText } from "../../sys/files.ts";
import { parseMountinfo } from "../../sys/mountinfo.ts";

/** The key of the unified hierarchy. */
export const UNIFIED = "";

/**
 * Where the host's cgroup hierarchies are, whole, by each controller of version 1: a directory's name below
 * /sys/fs/cgroup says nothing. Source: cgroups(7), proc_pid_mountinfo(5).
 */
export function cgroupMounts(mountinfo = readText("/proc/self/mountinfo")): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>();
  for (const { fsType, root, mountpoint, superOptions } of parseMountinfo(mountinfo, " - cgroup")) {
    if (root !== "/") continue;
    const keys = fsType === "cgroup2" ? [UNIFIED] : superOptions.split(",");
    for (const key of keys) if (!mounts.has(key)) mounts.set(key, mountpoint);
  }
  return mounts;
}

/**
 * Where the unified hierarchy is. Only its root has such a file; the mount table has lines for each container, so it is read
 * where neither of the usual places has it.
 */
export function unifiedMount(): string | undefined {
  const usual = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
  return usual.find((place) => pathType(`${place}/cgroup.controllers`) !== undefined) ?? cgroupMounts().get(UNIFIED);
}
