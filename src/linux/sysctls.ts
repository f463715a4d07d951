import type { NamespaceType } from "./namespaces.ts";

/**
 * The kernel parameters that belong to a namespace, and whose change stays inside a container that has its own. A name
 * that ends with a dot stands for all parameters below it.
 * Source: ipc_namespaces(7), network_namespaces(7), uts_namespaces(7), user_namespaces(7), namespaces(7);
 * ipc/ipc_sysctl.c, ipc/mq_sysctl.c, kernel/utsname_sysctl.c and kernel/ucount.c of Linux 6.18.
 */
export const NAMESPACED_SYSCTLS: Readonly<Record<string, NamespaceType>> = {
  "kernel.msgmax": "ipc",
  "kernel.msgmnb": "ipc",
  "kernel.msgmni": "ipc",
  "kernel.msg_next_id": "ipc",
  "kernel.auto_msgmni": "ipc",
  "kernel.sem": "ipc",
  "kernel.sem_next_id": "ipc",
  "kernel.shmall": "ipc",
  "kernel.shmmax": "ipc",
  "kernel.shmmni": "ipc",
  "kernel.shm_next_id": "ipc",
  "kernel.shm_rmid_forced": "ipc",
  "fs.mqueue.": "ipc",
  "net.": "network",
  "kernel.hostname": "uts",
  "kernel.domainname": "uts",
  "user.": "user",
};

/** The namespace type that a kernel parameter (with dots) belongs to, or undefined where it is the whole host's. */
export function namespaceOfSysctl(name: string): NamespaceType | undefined {
  if (Object.hasOwn(NAMESPACED_SYSCTLS, name)) return name.endsWith(".") ? undefined : NAMESPACED_SYSCTLS[name];
  for (const prefix in NAMESPACED_SYSCTLS) {
    if (prefix.endsWith(".") && name.startsWith(prefix)) return NAMESPACED_SYSCTLS[prefix];
  }
  return undefined;
}

/**
 * Writes a parameter's name with dots between its parts. Where the first separator is a slash, slashes separate and
 * dots are part of a name: "net/ipv4/conf/eth0.1/forwarding" becomes "net.ipv4.conf.eth0/1.forwarding".
 * Source: sysctl.d(5), sysctl(8).
 */
export function dottedSysctl(name: string): string {
  const first = /[./]/.exec(name);
  if (first === null || first[0] === ".") return name;
  return name.replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}

/** The file of a parameter below /proc/sys, for a name in either form. Source: proc(5), sysctl(8). */
export function sysctlFile(name: string): string {
  return dottedSysctl(name).replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}
