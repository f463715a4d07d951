import { cgroupPids, processDirectory } from "../apply/kill-cgroup.ts";
import { RuntimeError, SystemError } from "../base/errors.ts";
import { errnoName } from "../linux/errno.ts";
import type { StoredState } from "../state/schema.ts";
import { listDir, readLink } from "../sys/files.ts";
import { isProcessAlive } from "../sys/procfs.ts";

/**
 * The pids of a container's processes, on the host; none for one that has stopped. They are those in its cgroups; without
 * a cgroup, those in its pid namespace. Throws RuntimeError ERR_NOT_SUPPORTED for a container that has neither.
 */
export function pidsOf({ id, cgroup, pid, startTime }: StoredState): readonly number[] {
  if (processDirectory(cgroup) !== undefined) return cgroupPids(cgroup);
  if (!isProcessAlive(pid, startTime)) return [];
  const namespace = pidNamespace(pid);
  if (namespace !== undefined && namespace !== pidNamespace("self")) return membersOf(namespace);
  throw new RuntimeError(
    "ERR_NOT_SUPPORTED",
    `Cannot tell which processes are those of container "${id}": it has no cgroup and no pid namespace of its own`,
    { fix: 'add {"type":"pid"} to /linux/namespaces, or have a cgroup delegated' },
  );
}

/** Those of namespaces that it has made below its own are not among them: no link tells. */
function membersOf(namespace: string): readonly number[] {
  const pids = listDir("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => pidNamespace(pid) === namespace).sort((a, b) => a - b);
}

/** "pid:[4026531836]"; undefined where the process has ended, or is another user's. Source: pid_namespaces(7). */
function pidNamespace(pid: number | "self"): string | undefined {
  try {
    return readLink(`/proc/${pid}/ns/pid`);
  } catch (error) {
    if (error instanceof SystemError && UNSEEN.includes(errnoName(error.failure.errno))) return undefined;
    throw error;
  }
}

const UNSEEN: readonly string[] = ["ENOENT", "ESRCH", "EACCES", "EPERM"];
