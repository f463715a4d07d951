import type { CgroupFacts } from "../cgroup/facts.ts";

/** What a plan depends on beside the config: read from the kernel by sys/probe-host.ts, plain data in tests. */
export interface HostFacts extends CallerFacts {
  readonly cgroup: CgroupFacts;
}

/** Who the caller is, and what it may do. */
export interface CallerFacts {
  /** The caller's effective user id. */
  readonly uid: number;
  readonly gid: number;
  /** Whether the caller has CAP_SYS_ADMIN in its own user namespace: without it, what needs it is done inside a new one. */
  readonly isPrivileged: boolean;
  /** Whether the caller is in the host's first user namespace: elsewhere no device can be made. */
  readonly isInitialUserNamespace: boolean;
  /** A bit for each capability in the caller's permitted and bounding sets. */
  readonly capabilities: bigint;
}
