/** What this host's mount table and /proc/self/cgroup say about control groups: plain data, so that plans can be tested. */
export interface CgroupFacts {
  /** The mounted v1 hierarchies, in the mount table's order; empty on a host with the unified hierarchy only. */
  readonly v1: readonly CgroupV1Hierarchy[];
  /** The unified hierarchy; on a hybrid host it is mounted beside v1 ones and has few or no controllers. */
  readonly v2?: CgroupV2Hierarchy;
}

/** Where a hierarchy is mounted, and where in it the calling process is. */
export interface HierarchyPlace {
  readonly mountpoint: string;
  /** The cgroup that the mount shows at its root: "/" on a host, a subtree in a container without a cgroup namespace. */
  readonly mountRoot: string;
  /** The calling process's cgroup, as /proc/self/cgroup gives it. */
  readonly ownPath: string;
}

interface CgroupHierarchy extends HierarchyPlace {
  /** Whether the caller can make directories here: a read-only mount or, for users, a cgroup that is not theirs says no. */
  readonly writable: boolean;
}

/** One v1 hierarchy. Controllers may share one, such as cpu and cpuacct; a named one, such as systemd's, has none. */
export interface CgroupV1Hierarchy extends CgroupHierarchy {
  readonly controllers: readonly string[];
  readonly name?: string;
}

export interface CgroupV2Hierarchy extends CgroupHierarchy {
  /** What cgroup.controllers lists where the caller's cgroups start; empty where v1 has taken them all. */
  readonly controllers: readonly string[];
  /** What cgroup.subtree_control lists there: already enabled one level below. */
  readonly enabled: readonly string[];
  /** The files of a cgroup that go to who it is delegated to; absent where the kernel does not tell. */
  readonly delegated?: readonly string[];
}

/** Whether resources are set through the unified hierarchy: it is mounted, and no v1 controller is. */
export function isUnifiedHost(facts: CgroupFacts): boolean {
  return facts.v2 !== undefined && facts.v1.every((hierarchy) => hierarchy.controllers.length === 0);
}

/** The directory of the calling process's own cgroup; undefined where the mount does not show it. */
export function ownDirectory(place: HierarchyPlace): string | undefined {
  const { mountpoint, mountRoot, ownPath } = place;
  if (mountRoot === "/") return ownPath === "/" ? mountpoint : mountpoint + ownPath;
  if (ownPath === mountRoot) return mountpoint;
  if (ownPath.startsWith(`${mountRoot}/`)) return mountpoint + ownPath.slice(mountRoot.length);
  return undefined;
}

/**
 * Where an unprivileged caller may make cgroups: below its own one in v1. In v2 beside its own one, because a cgroup
 * that holds processes, such as the caller's, cannot give controllers to its children (cgroups(7), "no internal
 * processes"). Undefined where the mount does not show it.
 */
export function delegatedDirectory(place: HierarchyPlace, version: 1 | 2): string | undefined {
  const own = ownDirectory(place);
  if (own === undefined || version === 1 || own === place.mountpoint) return own;
  return own.slice(0, own.lastIndexOf("/"));
}
