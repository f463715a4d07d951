import type { CgroupFacts } from "../cgroup/facts.ts";

/** What a plan depends on beside the config: read from the kernel by sys/probe-host.ts, plain data in tests. */
export interface HostFacts {
  readonly cgroup: CgroupFacts;
  /** The caller's effective user id. */
  readonly uid: number;
  readonly gid: number;
  /** Whether the caller has CAP_SYS_ADMIN in its own user namespace: without it, what needs it is done inside a new one. */
  readonly isPrivileged: boolean;
  /** Whether the caller is in the host's first user namespace: elsewhere no device can be made. */
  readonly isInitialUserNamespace: boolean;
  /** A bit for each capability in the caller's permitted and bounding sets. */
  readonly capabilities: bigint;
  /** Whether these security modules are enabled; read only for a config that asks for one. */
  readonly apparmor?: boolean;
  readonly selinux?: boolean;
  /** The caller's own user namespace; absent for the host's first one, where all ids are and groups can be set. */
  readonly outer?: OuterUserNamespace;
  /** Where proc and sysfs are mounted, the last one first; read only for a root that is moved (--no-pivot). */
  readonly kernelMounts?: readonly string[];
  /** Read only for a config that makes a user namespace, where the caller is not root of the host. */
  readonly rootless?: RootlessFacts;
  /** The resctrl filesystem; read only for a config with linux.intelRdt, and absent where there is none. */
  readonly rdt?: RdtFacts;
}

/** A user namespace that some user has made, as it is from inside. */
export interface OuterUserNamespace {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
  /** Nobody in it can call setgroups(2), nor in those made from it. */
  readonly deniesSetgroups: boolean;
}

/** Ids from `first` on. */
export interface IdRange {
  readonly first: number;
  readonly count: number;
}

/** What decides whether a user other than the host's root can make a user namespace, and with which ids in it. */
export interface RootlessFacts {
  /** The name by which /etc/subuid and /etc/subgid know the caller; the number of one without a name. */
  readonly user: string;
  readonly uid: SubordinateIds;
  readonly gid: SubordinateIds;
  /** Kernel parameters that can forbid user namespaces, as far as this kernel has them. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** How ids other than the caller's own are mapped. */
export interface SubordinateIds {
  /** The absolute path of newuidmap or newgidmap; absent where it is not installed. */
  readonly program?: string;
  /** /etc/subuid or /etc/subgid; absent where the host asks a directory service instead. */
  readonly ranges?: readonly SubordinateRange[];
}

/** Ids of the host that are given to a user, by its name or number. Source: subuid(5). */
export interface SubordinateRange extends IdRange {
  readonly owner: string;
}

/** Intel's Resource Director Technology, as the kernel shows it. */
export interface RdtFacts {
  /** Where resctrl is mounted. */
  readonly root: string;
  /** The schemata of the class that the config names, where it exists already. */
  readonly schemata?: string;
}
