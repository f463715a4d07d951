import { listDir, readLink, readTextIfExists } from "../../../sys/files.ts";
import type { PublishedPort } from "../types.ts";

/** Says which process of the host has a port: 'nginx (pid 77)'; undefined where it cannot be seen. Source: proc_pid_net(5). */
export function portHolder({ protocol, hostPort }: PublishedPort): string | undefined {
  const inodes = [protocol, `${protocol}6`].flatMap((table) => socketInodes(table, hostPort));
  if (inodes.length === 0) return undefined;
  const targets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pid = listDir("/proc").find((name) => /^[0-9]+$/.test(name) && holdsAny(name, targets));
  if (pid === undefined) return undefined;
  return `${readTextIfExists(`/proc/${pid}/comm`)?.trim() ?? "a process"} (pid ${pid})`;
}

/** Lines of /proc/net/tcp: number, local address and port in hexadecimal, remote one, state, …, the tenth is the inode. */
function socketInodes(table: string, port: number): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return (readTextIfExists(`/proc/net/${table}`) ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(wanted) && (state === LISTENING || table.startsWith("udp")))
    .flatMap((fields) => fields[9] ?? []);
}

/** TCP_LISTEN. Source: include/net/tcp_states.h. */
const LISTENING = "0A";

/** False as well where the process ends meanwhile, or is another user's. */
function holdsAny(pid: string, targets: ReadonlySet<string>): boolean {
  try {
    return listDir(`/proc/${pid}/fd`).some((fd) => targets.has(readLink(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}
