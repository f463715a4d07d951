import { close } from "../sys/descriptors.ts";
import { pathType, readTextIfExists, tryLockDir } from "../sys/files.ts";
import { isProcessAlive } from "../sys/procfs.ts";
import type { StoredState } from "./schema.ts";
import { START_SOCKET } from "./store.ts";

export type ContainerStatus = "creating" | "created" | "running" | "paused" | "stopped";

/**
 * What a container is now: the stored state tells which process it was, and the kernel whether it still is. A zombie
 * has stopped. `holdsLock` says that the caller has the container's lock, so that nobody can be creating it. Throws
 * SystemError. Source: runtime.md#state.
 */
export function statusOf(state: StoredState, directory: string, holdsLock = false): ContainerStatus {
  if (state.phase === "creating") return !holdsLock && isLocked(directory) ? "creating" : "stopped";
  if (!isProcessAlive(state.pid, state.startTime)) return "stopped";
  if (isFrozen(state)) return "paused";
  return pathType(`${directory}/${START_SOCKET}`) === undefined ? "running" : "created";
}

/** Whoever creates a container holds its lock to the end, and a lock is free when its holder has died. */
function isLocked(directory: string): boolean {
  const fd = tryLockDir(directory);
  if (fd === undefined) return true;
  close(fd);
  return false;
}

/**
 * On a hybrid host either freezer may have done it. Source: the kernel's Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst (FREEZING and FROZEN) and
 * cgroup-v2.rst (cgroup.events).
 */
function isFrozen({ cgroup: { v1, v2 } }: StoredState): boolean {
  if (v2 !== undefined && (readTextIfExists(`${v2}/cgroup.events`) ?? "").includes("frozen 1")) return true;
  return v1.freezer !== undefined && (readTextIfExists(`${v1.freezer}/freezer.state`) ?? "").startsWith("FR");
}
