import { close } from "../../../sys/descriptors.ts";
import { pathType, unlink, writeAtomic } from "../../../sys/files.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { membersDirectory, readMembers } from "../endpoint-store.ts";
import { isNetdAlive, netdFd, startNetd, stopNetd } from "../netd.ts";
import { listNetworks } from "../network-store.ts";
import { hostFirewall } from "../rules/host-firewall.ts";
import { networkRules } from "../rules/network-rules.ts";
import type { NetworkRecord } from "../types.ts";
import { bindNameServer, DNS_PORT } from "./bind-name-server.ts";
import { hostResolvConf } from "./host-resolv-conf.ts";
import { hasNames, nameServerAddresses } from "./name-server-addresses.ts";
import { nameTable } from "./name-table.ts";

const TABLE_MODE = 0o600;

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
    stopNameServer(paths, network);
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
  if (isNameServerRunning(paths, network.id)) return;
  // One that was killed may have left it.
  stopRedirect(paths, network);
  const { port, sockets } = bindNameServer(nameServerAddresses(network));
  try {
    if (port !== DNS_PORT) redirect(paths, network, port);
    const numbers = sockets.map((_, index) => netdFd(index));
    startNetd("dns", pidPath(paths, network.id), [tablePath(paths, network.id), ...numbers], sockets);
  } finally {
    for (const socket of sockets) close(socket);
  }
}

/** Ends a network's name server, and forgets its table. Does nothing where there is none. */
export function stopNameServer(paths: EnginePaths, network: NetworkRecord): void {
  stopNetd(pidPath(paths, network.id));
  stopRedirect(paths, network);
  const table = tablePath(paths, network.id);
  if (pathType(table) !== undefined) unlink(table);
}

/** Names the port that the rules lead to, where there are such rules. */
function portPath(paths: EnginePaths, networkId: string): string {
  return `${membersDirectory(paths, networkId)}/name-server.port`;
}

function redirect(paths: EnginePaths, network: NetworkRecord, port: number): void {
  writeAtomic(portPath(paths, network.id), `${port}\n`, TABLE_MODE);
  hostFirewall(paths).redirectNames(networkRules(network), port);
}

function stopRedirect(paths: EnginePaths, network: NetworkRecord): void {
  const path = portPath(paths, network.id);
  if (pathType(path) === undefined) return;
  hostFirewall(paths).redirectNames(networkRules(network), undefined);
  unlink(path);
}
