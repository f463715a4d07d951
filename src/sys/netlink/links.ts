import { SystemError } from "../../base/errors.ts";
import {
  IFF_UP,
  IFLA,
  IFLA_BRPORT_MODE,
  IFLA_INFO,
  IFLA_MACVLAN_MODE,
  MACVLAN_MODES,
  NLM_F,
  RTM,
  VETH_INFO_PEER,
} from "../../linux/netlink.ts";
import {
  type Attribute,
  attributeNumber,
  attributeText,
  dataView,
  decodeAttributes,
  encodeNested,
  type NetlinkMessage,
} from "./message.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/** Network devices. Each function throws SystemError. Source: rtnetlink(7), include/uapi/linux/if_link.h. */

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly isUp: boolean;
  /** Hexadecimal with colons; "" for a device without. */
  readonly mac: string;
  readonly mtu: number;
  /** "bridge", "veth", "macvlan"; "" for a device that is no virtual one. */
  readonly kind: string;
  /** The index of the bridge that it is a port of. */
  readonly master?: number;
  /** The other end of a veth pair, or macvlan's parent. */
  readonly peer?: number;
}

const IFINFOMSG_SIZE = 16;

function ifinfomsg({ index = 0, up = false }): Uint8Array {
  const fixed = new Uint8Array(IFINFOMSG_SIZE);
  const view = dataView(fixed);
  view.setInt32(4, index, true);
  view.setUint32(8, up ? IFF_UP : 0, true);
  view.setUint32(12, up ? IFF_UP : 0, true);
  return fixed;
}

/** Where a new device goes, and what it is like. */
export interface DeviceOptions {
  readonly name: string;
  /** Six bytes; absent: the kernel chooses. */
  readonly mac?: Uint8Array;
  readonly mtu?: number;
  /** The descriptor of a network namespace; absent: that of the socket. */
  readonly netns?: number;
  /** The index of the bridge that it becomes a port of. */
  readonly master?: number;
}

function deviceAttributes({ name, mac, mtu, netns, master }: DeviceOptions): Attribute[] {
  const attributes: Attribute[] = [[IFLA.ifname, name]];
  if (mac !== undefined) attributes.push([IFLA.address, mac]);
  if (mtu !== undefined) attributes.push([IFLA.mtu, mtu]);
  if (netns !== undefined) attributes.push([IFLA.netNsFd, netns]);
  if (master !== undefined) attributes.push([IFLA.master, master]);
  return attributes;
}

interface LinkRequest {
  readonly options: DeviceOptions;
  readonly up: boolean;
  readonly extra: readonly Attribute[];
}

function createLink(socket: NetlinkSocket, kind: string, { options, up, extra }: LinkRequest): void {
  const { name } = options;
  const action = `create the ${kind} "${name}"`;
  const attributes = [...deviceAttributes(options), ...extra];
  const request = { type: RTM.newLink, fixed: ifinfomsg({ up }), attributes };
  socket.change(action, request, NLM_F.create | NLM_F.excl);
}

/** A bridge, down, with no port yet. */
export function createBridge(socket: NetlinkSocket, options: DeviceOptions): void {
  const extra: readonly Attribute[] = [[IFLA.linkInfo, [[IFLA_INFO.kind, "bridge"]]]];
  createLink(socket, "bridge", { options, up: false, extra });
}

/** Both ends of a veth pair in one request, each in its namespace and named. The first is up; the kernel takes no peer that is. Source: veth(4). */
export function createVeth(socket: NetlinkSocket, options: DeviceOptions, peer: DeviceOptions): void {
  const peerInfo = encodeNested(ifinfomsg({}), deviceAttributes(peer));
  const data: Attribute = [IFLA_INFO.data, [[VETH_INFO_PEER, peerInfo]]];
  const extra: readonly Attribute[] = [[IFLA.linkInfo, [[IFLA_INFO.kind, "veth"], data]]];
  createLink(socket, "veth", { options, up: true, extra });
}

/** A macvlan, up, on a parent device, whose index is given. */
export function createMacvlan(
  socket: NetlinkSocket,
  options: DeviceOptions,
  parent: number,
  mode: keyof typeof MACVLAN_MODES,
): void {
  const data: Attribute = [IFLA_INFO.data, [[IFLA_MACVLAN_MODE, MACVLAN_MODES[mode]]]];
  const extra: Attribute[] = [
    [IFLA.link, parent],
    [IFLA.linkInfo, [[IFLA_INFO.kind, "macvlan"], data]],
  ];
  createLink(socket, "macvlan", { options, up: true, extra });
}

/** Removes a device; for a veth both ends. Does nothing where there is none of this name. */
export function deleteLink(socket: NetlinkSocket, name: string): void {
  const request = { type: RTM.delLink, fixed: ifinfomsg({}), attributes: [[IFLA.ifname, name] as const] };
  unlessMissing(() => socket.change(`remove the network device "${name}"`, request));
}

/** Brings a device up. */
export function setLinkUp(socket: NetlinkSocket, name: string): void {
  const request = { type: RTM.newLink, fixed: ifinfomsg({ up: true }), attributes: [[IFLA.ifname, name] as const] };
  socket.change(`bring up the network device "${name}"`, request);
}

/** Lets a bridge send frames back through the port that they came in by. Source: bridge(8), "hairpin". */
export function setHairpin(socket: NetlinkSocket, name: string): void {
  const data: Attribute = [IFLA_INFO.slaveData, [[IFLA_BRPORT_MODE, Uint8Array.of(1)]]];
  const attributes: Attribute[] = [
    [IFLA.ifname, name],
    [IFLA.linkInfo, [[IFLA_INFO.slaveKind, "bridge"], data]],
  ];
  socket.change(`set the bridge port "${name}" to hairpin`, { type: RTM.newLink, fixed: ifinfomsg({}), attributes });
}

/** The device of this name; undefined where there is none. */
export function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  const request = { type: RTM.getLink, fixed: ifinfomsg({}), attributes: [[IFLA.ifname, name] as const] };
  const answer = unlessMissing(() => socket.get(`find the network device "${name}"`, request));
  return answer === undefined ? undefined : decodeLink(answer);
}

/** Every device of the socket's namespace. */
export function listLinks(socket: NetlinkSocket): readonly Link[] {
  const request = { type: RTM.getLink, fixed: ifinfomsg({}), attributes: [] };
  return socket.dump("list the network devices", request).map(decodeLink);
}

/** The errno of a device that is not there. Source: errno(3). */
const ENODEV = 19;

function unlessMissing<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof SystemError && error.failure.errno === ENODEV) return undefined;
    throw error;
  }
}

function decodeLink({ payload }: NetlinkMessage): Link {
  const view = dataView(payload);
  const attributes = decodeAttributes(payload, IFINFOMSG_SIZE);
  const info = decodeAttributes(attributes.get(IFLA.linkInfo) ?? new Uint8Array(), 0);
  const master = attributeNumber(attributes.get(IFLA.master));
  const peer = attributeNumber(attributes.get(IFLA.link));
  return {
    index: view.getInt32(4, true),
    name: attributeText(attributes.get(IFLA.ifname)),
    isUp: (view.getUint32(8, true) & IFF_UP) !== 0,
    mac: formatMac(attributes.get(IFLA.address) ?? new Uint8Array()),
    mtu: attributeNumber(attributes.get(IFLA.mtu)) ?? 0,
    kind: attributeText(info.get(IFLA_INFO.kind)),
    ...(master === undefined ? {} : { master }),
    ...(peer === undefined ? {} : { peer }),
  };
}

function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
