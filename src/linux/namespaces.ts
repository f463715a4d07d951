export interface NamespaceFacts {
  readonly cloneName: string;
  /** The CLONE_NEW* bit of clone(2), unshare(2) and setns(2). */
  readonly cloneFlag: number;
  /** The file's name in /proc/PID/ns. */
  readonly procFile: string;
}

/**
 * The namespace types, by the names that config.json uses.
 * Source: config-linux.md#namespaces, namespaces(7), include/uapi/linux/sched.h of Linux 6.18.
 */
export const NAMESPACES = {
  mount: { cloneName: "CLONE_NEWNS", cloneFlag: 0x00020000, procFile: "mnt" },
  cgroup: { cloneName: "CLONE_NEWCGROUP", cloneFlag: 0x02000000, procFile: "cgroup" },
  uts: { cloneName: "CLONE_NEWUTS", cloneFlag: 0x04000000, procFile: "uts" },
  ipc: { cloneName: "CLONE_NEWIPC", cloneFlag: 0x08000000, procFile: "ipc" },
  user: { cloneName: "CLONE_NEWUSER", cloneFlag: 0x10000000, procFile: "user" },
  pid: { cloneName: "CLONE_NEWPID", cloneFlag: 0x20000000, procFile: "pid" },
  network: { cloneName: "CLONE_NEWNET", cloneFlag: 0x40000000, procFile: "net" },
  /** Not a flag of clone(2), whose lowest byte is the exit signal: unshare(2), setns(2) and clone3(2) only. */
  time: { cloneName: "CLONE_NEWTIME", cloneFlag: 0x00000080, procFile: "time" },
} as const satisfies Record<string, NamespaceFacts>;

export type NamespaceType = keyof typeof NAMESPACES;
