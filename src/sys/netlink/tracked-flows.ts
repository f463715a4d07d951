import { SystemError } from "../../base/errors.ts";
import { addressFromBytes, type IpAddress } from "../../base/ip-address.ts";
import { AF, CTA, CTA_IP, CTA_PROTO, CTA_TUPLE, CTNETLINK, IPPROTO_UDP } from "../../linux/netlink.ts";
import { type Attribute, dataView, decodeAttributes } from "./message.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/** Flows of UDP that the kernel tracks. The socket is of the protocol netfilter. Source: nfnetlink_conntrack.h of Linux. */

export interface UdpFlow {
  /** Where its first packet was sent, before any rule sent it elsewhere. */
  readonly destination: IpAddress;
  readonly port: number;
}

const NFGENMSG_SIZE = 4;

/** Forgets those for which `matches` holds, so that their next packets meet the rules as they are then. Throws SystemError. */
export function forgetUdpFlows(socket: NetlinkSocket, family: 4 | 6, matches: (flow: UdpFlow) => boolean): void {
  const fixed = new Uint8Array(NFGENMSG_SIZE);
  fixed[0] = family === 4 ? AF.inet : AF.inet6;
  const request = { type: CTNETLINK.get, fixed, attributes: [] };
  for (const message of socket.dump("list the tracked flows", request)) {
    const attributes = decodeAttributes(message.payload, NFGENMSG_SIZE);
    const flow = decodeUdpFlow(attributes.get(CTA.tupleOrig));
    if (flow === undefined || !matches(flow)) continue;
    forget(socket, fixed, attributes);
  }
}

function decodeUdpFlow(tuple: Uint8Array | undefined): UdpFlow | undefined {
  const parts = decodeAttributes(tuple ?? new Uint8Array(), 0);
  const addresses = decodeAttributes(parts.get(CTA_TUPLE.ip) ?? new Uint8Array(), 0);
  const protocol = decodeAttributes(parts.get(CTA_TUPLE.proto) ?? new Uint8Array(), 0);
  const destination = addresses.get(CTA_IP.v4Destination) ?? addresses.get(CTA_IP.v6Destination);
  const port = protocol.get(CTA_PROTO.destinationPort);
  if (protocol.get(CTA_PROTO.number)?.[0] !== IPPROTO_UDP || destination === undefined || port === undefined)
    return undefined;
  return { destination: addressFromBytes(destination), port: dataView(port).getUint16(0) };
}

/** Named by what it was listed with. */
function forget(socket: NetlinkSocket, fixed: Uint8Array, listed: ReadonlyMap<number, Uint8Array>): void {
  const attributes = [CTA.tupleOrig, CTA.zone].flatMap((type): readonly Attribute[] => {
    const value = listed.get(type);
    return value === undefined ? [] : [[type, value]];
  });
  try {
    socket.change("forget a tracked flow", { type: CTNETLINK.delete, fixed, attributes });
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof SystemError && error.failure.errno === ENOENT)) throw error;
  }
}

/** Source: errno(3). */
const ENOENT = 2;
