import { parseAddress } from "../../../base/ip-address.ts";
import { bindPort } from "../../../sys/bind-port.ts";
import { close } from "../../../sys/descriptors.ts";
import { pathType, unlink, writeAtomic } from "../../../sys/files.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { membersDirectory, readMembers } from "../endpoint-store.ts";
import { isNetdAlive, netdFd, startNetd, stopNetd } from "../netd.ts";
import { DEFAULT_NETWORK, listNetworks } from "../network-store.ts";
import type { NetworkRecord } from "../types.ts";
import { hostResolvConf } from "./host-resolv-conf.ts";
import { nameTable } from "./name-table.ts";

const DNS_PORT = 53;
const TABLE_MODE = 0o600;

/** Whether containers of a network find each other by name: not on the default one, as in docker. */
export function hasNames({ driver, name }: NetworkRecord): boolean {
  return driver === "bridge" && name !== DEFAULT_NETWORK;
}

/** Where a network's name server listens: at the network's gateways. */
export function nameServerAddresses(network: NetworkRecord): readonly string[] {
  return hasNames(network) ? network.subnets.map(({ gateway }) => gateway) : [];
}

/**
 * Writes the tables of every network that may tell of this one's members, starts the name server where it does not run,
 * and ends it where nobody is left. The caller holds the network's lock.
 */
export function updateNames(paths: EnginePaths, network: NetworkRecord): void {
  const named = listNetworks(paths).filter(hasNames);
  const all = named.map((each) => ({ record: each, ...readMembers(paths, each.id) }));
  const here = all.find(({ record }) => record.id === network.id);
  if (here === undefined) return;
  if (here.members.length === 0) {
    stopNameServer(paths, network.id);
    return;
  }
  const ids = new Set(here.members.map(({ containerId }) => containerId));
  const servers = hostResolvConf().servers;
  for (const { record, members } of all) {
    if (!members.some(({ containerId }) => ids.has(containerId)) && record.id !== network.id) continue;
    const others = all
      .filter((other) => other.record.id !== record.id)
      .map((other) => ({ network: other.record.name, members: other.members }));
    const table = nameTable({ network: record.name, members, others, servers, internal: record.internal });
    writeAtomic(tablePath(paths, record.id), table, TABLE_MODE);
  }
  startNameServer(paths, network);
}

function tablePath(paths: EnginePaths, networkId: string): string {
  return `${membersDirectory(paths, networkId)}/names`;
}

function pidPath(paths: EnginePaths, networkId: string): string {
  return `${membersDirectory(paths, networkId)}/name-server.pid`;
}

export function isNameServerRunning(paths: EnginePaths, networkId: string): boolean {
  return isNetdAlive(pidPath(paths, networkId));
}

function startNameServer(paths: EnginePaths, network: NetworkRecord): void {
  const pidFile = pidPath(paths, network.id);
  if (isNetdAlive(pidFile)) return;
  const sockets: number[] = [];
  try {
    for (const text of nameServerAddresses(network)) {
      const address = parseAddress(text);
      if (address === undefined) continue;
      sockets.push(bindPort("datagram", address, DNS_PORT));
      sockets.push(bindPort("stream", address, DNS_PORT));
    }
    const numbers = sockets.map((_, index) => netdFd(index));
    startNetd("dns", pidFile, [tablePath(paths, network.id), ...numbers], sockets);
  } finally {
    for (const socket of sockets) close(socket);
  }
}

/** Ends a network's name server, and forgets its table. Does nothing where there is none. */
export function stopNameServer(paths: EnginePaths, networkId: string): void {
  stopNetd(pidPath(paths, networkId));
  const table = tablePath(paths, networkId);
  if (pathType(table) !== undefined) unlink(table);
}
