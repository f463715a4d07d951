import { addressBytes, addressFromBytes, type IpAddress, type IpPrefix } from "../../base/ip-address.ts";
import { AF, NLM_F, RT_TABLE_MAIN, RTA, RTM, RTN_UNICAST, RTPROT_STATIC } from "../../linux/netlink.ts";
import { attributeNumber, dataView, decodeAttributes, type NetlinkMessage } from "./message.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/** Routes of the main table. Each function throws SystemError. Source: rtnetlink(7). */

export interface Route {
  /** Length 0 for a default route. */
  readonly destination: IpPrefix;
  /** The device; absent for a route of several. */
  readonly index?: number;
  readonly gateway?: IpAddress;
}

const RTMSG_SIZE = 12;

/** What is not on a network of the namespace's goes to this gateway. */
export function addDefaultRoute(socket: NetlinkSocket, index: number, gateway: IpAddress): void {
  const fixed = rtmsg(gateway.family === 4 ? AF.inet : AF.inet6);
  const attributes = [
    [RTA.gateway, addressBytes(gateway)],
    [RTA.oif, index],
  ] as const;
  socket.change("set the default route", { type: RTM.newRoute, fixed, attributes }, NLM_F.create | NLM_F.excl);
}

/** Every unicast route of the main table. */
export function listRoutes(socket: NetlinkSocket): readonly Route[] {
  const request = { type: RTM.getRoute, fixed: rtmsg(AF.unspec), attributes: [] };
  return socket.dump("list the routes", request).flatMap(decodeRoute);
}

function rtmsg(family: number): Uint8Array {
  const fixed = new Uint8Array(RTMSG_SIZE);
  fixed[0] = family;
  fixed[4] = RT_TABLE_MAIN;
  fixed[5] = RTPROT_STATIC;
  fixed[7] = RTN_UNICAST;
  return fixed;
}

function decodeRoute({ payload }: NetlinkMessage): readonly Route[] {
  const view = dataView(payload);
  const family = view.getUint8(0);
  if ((family !== AF.inet && family !== AF.inet6) || view.getUint8(4) !== RT_TABLE_MAIN) return [];
  if (view.getUint8(7) !== RTN_UNICAST) return [];
  const attributes = decodeAttributes(payload, RTMSG_SIZE);
  const destination = attributes.get(RTA.dst) ?? new Uint8Array(family === AF.inet ? 4 : 16);
  const gateway = attributes.get(RTA.gateway);
  const index = attributeNumber(attributes.get(RTA.oif));
  return [
    {
      destination: { ...addressFromBytes(destination), length: view.getUint8(1) },
      ...(index === undefined ? {} : { index }),
      ...(gateway === undefined ? {} : { gateway: addressFromBytes(gateway) }),
    },
  ];
}
