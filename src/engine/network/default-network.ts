import { randomBytes } from "node:crypto";
import { addressFromBytes, formatPrefix, type IpPrefix, parsePrefix, prefixOf } from "../../base/ip-address.ts";
import { findLink, listLinks } from "../../sys/netlink/links.ts";
import { withNetlink } from "../../sys/netlink/netlink-socket.ts";
import { listRoutes } from "../../sys/netlink/routes.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { newObjectId } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";
import { DEFAULT_NETWORK, findNetwork, listNetworks, resolveNetwork, saveNetwork } from "./network-store.ts";
import { withNetworksLock } from "./networks-lock.ts";
import { chooseSubnets, type TakenRange } from "./subnet-choice.ts";
import type { NetworkRecord } from "./types.ts";

/** The bridge of the default network, unless another engine has one of this name. */
const DEFAULT_BRIDGE = "mydocker0";

/** The default network, made on its first use. The caller holds the networks' lock. */
export function defaultNetwork(paths: EnginePaths): NetworkRecord {
  const found = listNetworks(paths).find(({ name }) => name === DEFAULT_NETWORK);
  if (found !== undefined) return found;
  const id = newObjectId();
  const request = { subnets: [], gateways: [], ipRanges: [], ipv6: false };
  const isFree = withNetlink(undefined, (socket) => findLink(socket, DEFAULT_BRIDGE) === undefined);
  const network: NetworkRecord = {
    id,
    name: DEFAULT_NETWORK,
    driver: "bridge",
    created: new Date().toISOString(),
    subnets: chooseSubnets(request, takenRanges(paths), uniqueLocalPrefix()),
    internal: false,
    labels: {},
    options: {},
    device: isFree ? DEFAULT_BRIDGE : bridgeName(id),
  };
  saveNetwork(paths, network);
  return network;
}

/** As resolveNetwork, with the default network made. The caller holds the networks' lock. */
export function namedNetwork(paths: EnginePaths, word: string): NetworkRecord {
  return word === DEFAULT_NETWORK ? defaultNetwork(paths) : resolveNetwork(paths, word);
}

/** Makes the default network known before a command that shows networks. An ordinary user has none. */
export async function ensureDefaultNetwork(paths: EnginePaths): Promise<void> {
  if (isInUserNamespace() || findNetwork(paths, DEFAULT_NETWORK) !== undefined) return;
  await withNetworksLock(paths, () => defaultNetwork(paths));
}

/** The bridge of a network that names none. */
export function bridgeName(networkId: string): string {
  return `br-${networkId.slice(0, 12)}`;
}

/** What new networks must not overlap with: the other networks, and where the host has routes to. */
export function takenRanges(paths: EnginePaths): readonly TakenRange[] {
  const networks = listNetworks(paths);
  const ours = networks.flatMap(({ name, subnets }) =>
    subnets.flatMap(({ subnet }) => {
      const prefix = parsePrefix(subnet);
      return prefix === undefined ? [] : [{ prefix, holder: `the network "${name}" (${subnet})` }];
    }),
  );
  return [...ours, ...hostRoutes(networks.flatMap(({ device }) => device ?? []))];
}

/** Without default routes, those of every link (fe80::/10), and those of our own bridges. */
function hostRoutes(ownBridges: readonly string[]): readonly TakenRange[] {
  return withNetlink(undefined, (socket) => {
    const names = new Map(listLinks(socket).map(({ index, name }) => [index, name]));
    return listRoutes(socket).flatMap(({ destination, index, gateway }) => {
      const device = names.get(index ?? 0) ?? "";
      if (destination.length === 0 || isLinkLocal(destination)) return [];
      if (gateway === undefined && ownBridges.includes(device)) return [];
      return [{ prefix: destination, holder: `the host's route ${formatPrefix(destination)} dev ${device}` }];
    });
  });
}

function isLinkLocal({ family, value }: IpPrefix): boolean {
  return family === 6 && value >> 118n === 0xfe80n >> 6n;
}

/** A /64 of fd00::/8, chosen at random. Source: RFC 4193, 3.2. */
export function uniqueLocalPrefix(): IpPrefix {
  const bytes = new Uint8Array(16);
  bytes.set(randomBytes(7), 1);
  bytes[0] = 0xfd;
  return prefixOf(addressFromBytes(bytes), 64);
}
