import { parseAddress, parseInterfaceAddress } from "../../../base/ip-address.ts";
import { addAddress } from "../../../sys/netlink/addresses.ts";
import { findLink, setLinkUp } from "../../../sys/netlink/links.ts";
import { type NetlinkSocket, withNetlink } from "../../../sys/netlink/netlink-socket.ts";
import { addDefaultRoute, listRoutes } from "../../../sys/netlink/routes.ts";
import { EngineError } from "../../base/errors.ts";
import type { Endpoint } from "../types.ts";

/**
 * Gives the devices of a container's namespace their addresses and brings them up; the first endpoint with a gateway has
 * the default route, for each version of IP. What is there already stays.
 */
export function configureNamespace(path: string, endpoints: readonly Endpoint[]): void {
  withNetlink(path, (socket) => {
    setLinkUp(socket, "lo");
    const indexes = endpoints.map((endpoint) => configureDevice(socket, endpoint));
    for (const family of [4, 6] as const) routeFamily(socket, endpoints, indexes, family);
  });
}

function configureDevice(socket: NetlinkSocket, { device, address, address6 }: Endpoint): number {
  setLinkUp(socket, device);
  const link = findLink(socket, device);
  if (link === undefined) throw new EngineError(`Cannot configure the container's "${device}": it has gone`);
  for (const text of [address, address6]) {
    const parsed = text === undefined ? undefined : parseInterfaceAddress(text);
    if (parsed !== undefined) addAddress(socket, { index: link.index, ...parsed });
  }
  return link.index;
}

function routeFamily(
  socket: NetlinkSocket,
  endpoints: readonly Endpoint[],
  indexes: readonly number[],
  family: 4 | 6,
): void {
  for (const [place, endpoint] of endpoints.entries()) {
    const gateway = parseAddress((family === 4 ? endpoint.gateway : endpoint.gateway6) ?? "");
    const index = indexes[place];
    if (gateway === undefined || index === undefined) continue;
    const hasDefault = listRoutes(socket).some(
      ({ destination }) => destination.family === family && destination.length === 0,
    );
    if (!hasDefault) addDefaultRoute(socket, index, gateway);
    return;
  }
}
