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
  /** The resctrl filesystem; read only for a config with linux.intelRdt, and absent where there is none. */
  readonly rdt?: RdtFacts;
}

/** Intel's Resource Director Technology, as the kernel shows it. */
export interface RdtFacts {
  /** Where resctrl is mounted. */
  readonly root: string;
  /** The schemata of the class that the config names, where it exists already. */
  readonly schemata?: string;
}
