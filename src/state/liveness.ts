import { close } from "../sys/descriptors.ts";
import { lockDir, pathType, readTextIfExists } from "../sys/files.ts";
import { isProcessAlive } from "../sys/procfs.ts";
import type { StoredState } from "./schema.ts";
import { START_SOCKET } from "./store.ts";

export type ContainerStatus = "creating" | "created" | "running" | "paused" | "stopped";

/**
 * What a container is now: the stored state tells which process it was, and the kernel whether it still is. A zombie
 * has stopped. Throws SystemError.
 */
export function statusOf(state: StoredState, directory: string): ContainerStatus {
  if (state.phase === "creating") return isBeingCreated(directory) ? "creating" : "stopped";
  if (!isProcessAlive(state.pid, state.startTime)) return "stopped";
  if (pathType(`${directory}/${START_SOCKET}`) !== undefined) return "created";
  return isFrozen(state) ? "paused" : "running";
}

/** Whoever creates it holds the lock; a lock that is free belongs to nobody any more. */
function isBeingCreated(directory: string): boolean {
  const fd = lockDir(directory, false);
  if (fd === undefined) return true;
  close(fd);
  return false;
}

function isFrozen({ cgroup }: StoredState): boolean {
  const { freezer } = cgroup.v1;
  if (freezer !== undefined) return (readTextIfExists(`${freezer}/freezer.state`) ?? "").startsWith("FR");
  return cgroup.v2 !== undefined && (readTextIfExists(`${cgroup.v2}/cgroup.events`) ?? "").includes("frozen 1");
}
