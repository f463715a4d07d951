import { SystemError } from "../base/errors.ts";
import { cgroupStats, pageSizeOf } from "../cgroup/stats.ts";
import { errnoName } from "../linux/errno.ts";
import type { StoredState } from "../state/schema.ts";
import { listDir, pathType, readTextIfExists } from "../sys/files.ts";
import { parseNetworkInterfaces } from "./events-network.ts";
import type { ContainerStats } from "./options.ts";

const HUGEPAGES = "/sys/kernel/mm/hugepages";

/** What a container has used until now. `hasNetwork` says that its network is not the host's. Throws SystemError. */
export function readStats({ cgroup, pid }: StoredState, hasNetwork: boolean): ContainerStats {
  const pageSizes = pathType(HUGEPAGES) === undefined ? [] : listDir(HUGEPAGES).map(pageSizeOf).sort();
  const text = hasNetwork ? readTextIfExists(`/proc/${pid}/net/dev`) : undefined;
  return {
    ...cgroupStats(cgroup, pageSizes, readStatFile),
    network_interfaces: text === undefined ? null : parseNetworkInterfaces(text),
  };
}

/** Some files are there and can be read only where the kernel was built for them. */
function readStatFile(path: string): string | undefined {
  try {
    return readTextIfExists(path);
  } catch (error) {
    if (error instanceof SystemError && errnoName(error.failure.errno) === "EOPNOTSUPP") return undefined;
    throw error;
  }
}
