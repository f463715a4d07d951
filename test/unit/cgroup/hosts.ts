import type { CgroupFacts, CgroupV1Hierarchy } from "../../../src/cgroup/facts.ts";

const V1_ROOT = "/sys/fs/cgroup";

/** A v1 hierarchy mounted where distributions mount it. */
export function v1Hierarchy(controllers: string, own = "/"): CgroupV1Hierarchy {
  const named = controllers.startsWith("name=");
  return {
    controllers: named ? [] : controllers.split(","),
    ...(named ? { name: controllers.slice("name=".length) } : {}),
    mountpoint: `${V1_ROOT}/${named ? controllers.slice("name=".length) : controllers}`,
    mountRoot: "/",
    ownPath: own,
    writable: true,
  };
}

/** A host with v1 controllers and a unified hierarchy beside them that has huge pages only. */
export const HYBRID_HOST: CgroupFacts = {
  v1: ["memory", "cpu,cpuacct", "cpuset", "pids", "devices", "freezer", "name=systemd"].map((name) =>
    v1Hierarchy(name),
  ),
  v2: {
    controllers: ["hugetlb"],
    enabled: [],
    mountpoint: `${V1_ROOT}/unified`,
    mountRoot: "/",
    ownPath: "/",
    writable: true,
  },
};

/** A host with v1 only. */
export const V1_HOST: CgroupFacts = { v1: HYBRID_HOST.v1 };

/** A host with the unified hierarchy only, as distributions have had since about 2021. */
export const UNIFIED_HOST: CgroupFacts = {
  v1: [],
  v2: {
    controllers: ["cpuset", "cpu", "io", "memory", "pids"],
    enabled: ["cpu", "memory", "pids"],
    mountpoint: V1_ROOT,
    mountRoot: "/",
    ownPath: "/user.slice/session.scope",
    writable: true,
  },
};
