import type { CgroupV1Hierarchy } from "../cgroup/facts.ts";
import type { HostFacts } from "../plan/host-facts.ts";

/** Hosts as data: what a plan says for them is the same on every machine. */

const ALL_CAPABILITIES = 0x1ffffffffffn;

const ROOT = {
  uid: 0,
  gid: 0,
  isPrivileged: true,
  isInitialUserNamespace: true,
  capabilities: ALL_CAPABILITIES,
} as const;

function v1Hierarchy(directory: string, controllers: readonly string[]): CgroupV1Hierarchy {
  return { controllers, mountpoint: `/sys/fs/cgroup/${directory}`, mountRoot: "/", ownPath: "/", writable: true };
}

/** Root of a host with control groups of version 1 only. */
export const V1_HOST: HostFacts = {
  ...ROOT,
  cgroup: {
    v1: [
      ...["memory", "cpuset", "pids", "devices", "freezer"].map((name) => v1Hierarchy(name, [name])),
      v1Hierarchy("cpu,cpuacct", ["cpu", "cpuacct"]),
      { ...v1Hierarchy("systemd", []), name: "systemd" },
    ],
  },
};

const UNIFIED = {
  controllers: ["cpuset", "cpu", "io", "memory", "pids"],
  enabled: ["cpu", "memory", "pids"],
  mountpoint: "/sys/fs/cgroup",
  mountRoot: "/",
} as const;

/** Root of a host with the unified hierarchy, as distributions have had it since about 2021. */
export const UNIFIED_HOST: HostFacts = {
  ...ROOT,
  cgroup: { v1: [], v2: { ...UNIFIED, ownPath: "/user.slice/session.scope", writable: true } },
};

/** An ordinary user of such a host, whose session's cgroup is delegated to it. */
export const ROOTLESS_HOST: HostFacts = {
  uid: 1000,
  gid: 1000,
  isPrivileged: false,
  isInitialUserNamespace: true,
  capabilities: 0n,
  cgroup: {
    v1: [],
    v2: { ...UNIFIED, ownPath: "/user.slice/user-1000.slice/user@1000.service/app.slice/shell", writable: true },
  },
};
