import { listDir, pathType, readTextIfExists, writeExisting } from "../../../sys/files.ts";

const BASE = "/proc/sys/net";

/**
 * Has the host forward what containers send. IPv6: an interface that forwards takes no router advertisements, so one that
 * took them is told to take them all the same. Source: ip-sysctl.rst of Linux.
 */
export function enableForwarding(families: readonly (4 | 6)[]): void {
  if (families.includes(4)) set("ipv4/ip_forward", "1");
  if (!families.includes(6) || read("ipv6/conf/all/forwarding") === "1") return;
  for (const device of listDir(`${BASE}/ipv6/conf`)) {
    const file = `ipv6/conf/${device}/accept_ra`;
    if (read(file) === "1") set(file, "2");
  }
  set("ipv6/conf/all/forwarding", "1");
}

/** Lets the host's 127.0.0.1 be the source of packets through this device: see the "guard" of the rules. */
export function enableRouteLocalnet(device: string): void {
  set(`ipv4/conf/${device}/route_localnet`, "1");
}

/**
 * Has the IPv6 address of its own that a device gets when it comes up count at once. As long as the kernel looks whether a
 * neighbour has the same, a second or two, it asks for no neighbours on behalf of others, and so forwards nothing to them.
 */
export function disableDuplicateDetection(device: string): void {
  set(`ipv6/conf/${device}/accept_dad`, "0");
}

function read(file: string): string | undefined {
  return readTextIfExists(`${BASE}/${file}`)?.trim();
}

/** Writes only what differs: /proc/sys may be read-only, and right already. */
function set(file: string, value: string): void {
  if (pathType(`${BASE}/${file}`) !== undefined && read(file) !== value) writeExisting(`${BASE}/${file}`, value);
}
