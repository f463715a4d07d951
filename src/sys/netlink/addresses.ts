import {
  addressBits,
  addressBytes,
  addressFromBytes,
  type IpAddress,
  lastAddress,
  prefixOf,
} from "../../base/ip-address.ts";
import { AF, IFA, IFA_F_NODAD, NLM_F, RTM } from "../../linux/netlink.ts";
import { type Attribute, dataView, decodeAttributes, type NetlinkMessage } from "./message.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/** Addresses of network devices. Each function throws SystemError. Source: rtnetlink(7), include/uapi/linux/if_addr.h. */

export interface InterfaceAddress {
  /** The device. */
  readonly index: number;
  readonly address: IpAddress;
  readonly length: number;
}

const IFADDRMSG_SIZE = 8;

/** Gives a device an address; the same one again is no failure. IPv6 is not tried for duplicates: it is ours to give. */
export function addAddress(socket: NetlinkSocket, { index, address, length }: InterfaceAddress): void {
  const bytes = addressBytes(address);
  const attributes: Attribute[] = [
    [IFA.local, bytes],
    [IFA.address, bytes],
  ];
  if (address.family === 4 && length < addressBits(4) - 1) {
    attributes.push([IFA.broadcast, addressBytes(lastAddress(prefixOf(address, length)))]);
  }
  const fixed = ifaddrmsg(index, address.family === 4 ? AF.inet : AF.inet6, length);
  socket.change(
    "give a network device its address",
    { type: RTM.newAddr, fixed, attributes },
    NLM_F.create | NLM_F.replace,
  );
}

/** Every address in the socket's namespace. */
export function listAddresses(socket: NetlinkSocket): readonly InterfaceAddress[] {
  const request = { type: RTM.getAddr, fixed: ifaddrmsg(0, AF.unspec, 0), attributes: [] };
  return socket.dump("list the addresses", request).flatMap(decodeAddress);
}

function ifaddrmsg(index: number, family: number, length: number): Uint8Array {
  const fixed = new Uint8Array(IFADDRMSG_SIZE);
  const view = dataView(fixed);
  view.setUint8(0, family);
  view.setUint8(1, length);
  view.setUint8(2, family === AF.inet6 ? IFA_F_NODAD : 0);
  view.setUint32(4, index, true);
  return fixed;
}

function decodeAddress({ payload }: NetlinkMessage): readonly InterfaceAddress[] {
  const attributes = decodeAttributes(payload, IFADDRMSG_SIZE);
  const bytes = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  if (bytes === undefined) return [];
  const view = dataView(payload);
  return [{ index: view.getUint32(4, true), address: addressFromBytes(bytes), length: view.getUint8(1) }];
}
