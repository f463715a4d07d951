import { type IpAddress, parseAddress, parsePrefix } from "../../../base/ip-address.ts";
import { addAddress } from "../../../sys/netlink/addresses.ts";
import {
  createBridge,
  createVeth,
  deleteLink,
  findLink,
  type Link,
  setHairpin,
  setLinkUp,
} from "../../../sys/netlink/links.ts";
import { type NetlinkSocket, withNetlink } from "../../../sys/netlink/netlink-socket.ts";
import { EngineError } from "../../base/errors.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { hasFirewall, hostFirewall } from "../rules/host-firewall.ts";
import { networkRules } from "../rules/network-rules.ts";
import type { NetworkRecord } from "../types.ts";
import { disableDuplicateDetection, enableForwarding, enableRouteLocalnet } from "./host-sysctl.ts";

/** The option that sets the MTU, as docker calls it. */
export const MTU_OPTION = "com.docker.network.driver.mtu";

/**
 * The network's bridge, made where it is missing: first the rules, then the device, so that a bridge that is there has
 * its rules; after a reboot neither is. Throws EngineError, SystemError.
 */
export function ensureBridge(paths: EnginePaths, socket: NetlinkSocket, network: NetworkRecord): Link {
  const name = bridgeOf(network);
  const found = findLink(socket, name);
  if (found !== undefined) {
    if (found.kind === "bridge") return found;
    throw new EngineError(`Cannot use the bridge "${name}": the device of this name is a ${found.kind || "real one"}`);
  }
  hostFirewall(paths).addNetwork(networkRules(network));
  createBridge(socket, { name, mac: macOf(network), ...mtuOf(network) });
  try {
    return configureBridge(socket, network, name);
  } catch (error) {
    deleteLink(socket, name);
    throw error;
  }
}

function configureBridge(socket: NetlinkSocket, network: NetworkRecord, name: string): Link {
  const link = findLink(socket, name);
  if (link === undefined) throw new EngineError(`Cannot configure the bridge "${name}": it has gone`);
  disableDuplicateDetection(name);
  setLinkUp(socket, name);
  for (const { address, length } of gatewaysOf(network)) addAddress(socket, { index: link.index, address, length });
  enableForwarding(gatewaysOf(network).map(({ address }) => address.family));
  enableRouteLocalnet(name);
  return link;
}

/** Removes the bridge and the rules of its network. */
export function removeBridge(paths: EnginePaths, network: NetworkRecord): void {
  const name = bridgeOf(network);
  withNetlink(undefined, (socket) => deleteLink(socket, name));
  if (hasFirewall()) hostFirewall(paths).removeNetwork(networkRules(network));
}

/** What an endpoint's devices are like. */
export interface PairOptions {
  readonly hostDevice: string;
  readonly device: string;
  readonly mac: Uint8Array;
  /** The descriptor of the container's network namespace. */
  readonly netns: number;
  /** Whether it has published ports, which it may use itself: the answer comes back through the same port of the bridge. */
  readonly isPublished: boolean;
}

/** A veth pair: one end a port of the bridge, the other in the container's namespace. */
export function attachPair(socket: NetlinkSocket, network: NetworkRecord, bridge: Link, options: PairOptions): void {
  const { hostDevice, device, mac, netns, isPublished } = options;
  const mtu = mtuOf(network);
  createVeth(socket, { name: hostDevice, master: bridge.index, ...mtu }, { name: device, mac, netns, ...mtu });
  if (isPublished) setHairpin(socket, hostDevice);
}

export function mtuOf({ options }: NetworkRecord): { readonly mtu?: number } {
  const mtu = options[MTU_OPTION];
  return mtu === undefined ? {} : { mtu: Number(mtu) };
}

/**
 * An address of the bridge's own: without, it has the lowest of its ports', and containers ask another gateway whenever
 * one comes or goes. 02 is for addresses that no maker gives. Source: IEEE 802, 8.2.2.
 */
function macOf({ id }: NetworkRecord): Uint8Array {
  return Uint8Array.of(0x02, ...Buffer.from(id.slice(0, 10), "hex"));
}

function bridgeOf({ name, device }: NetworkRecord): string {
  if (device === undefined) throw new EngineError(`The network "${name}" has no bridge`, { code: "ERR_STATE_CORRUPT" });
  return device;
}

/** The addresses of the host on the network. */
function gatewaysOf({ subnets }: NetworkRecord): readonly { readonly address: IpAddress; readonly length: number }[] {
  return subnets.flatMap(({ subnet, gateway }) => {
    const address = parseAddress(gateway);
    const prefix = parsePrefix(subnet);
    return address === undefined || prefix === undefined ? [] : [{ address, length: prefix.length }];
  });
}
