import { addressBytes, formatAddress, type IpAddress } from "../base/ip-address.ts";
import { SOCKET_TYPES } from "./descriptors.ts";
import { attempt } from "./native.ts";

/**
 * A socket that holds a port of the host; a stream socket listens. IPv6 is IPv6 only. The caller closes it. Throws
 * SystemError: EADDRINUSE where another has the port. Source: bind(2), ip(7), ipv6(7).
 */
export function bindPort(type: "stream" | "datagram", address: IpAddress, port: number): number {
  const action = `listen on ${formatAddress(address)} port ${port}`;
  return attempt(action, (addon) => addon.bindPort(SOCKET_TYPES[type], addressBytes(address), port));
}
