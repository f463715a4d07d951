import { MACVLAN_MODES } from "../../../linux/netlink.ts";
import { createMacvlan, findLink } from "../../../sys/netlink/links.ts";
import type { NetlinkSocket } from "../../../sys/netlink/netlink-socket.ts";
import { EngineError } from "../../base/errors.ts";
import type { NetworkRecord } from "../types.ts";
import { mtuOf } from "./bridge.ts";

/** The options that name the parent and the mode, as docker calls them. Source: docker's macvlan driver. */
export const PARENT_OPTION = "parent";
export const MODE_OPTION = "macvlan_mode";

type MacvlanMode = keyof typeof MACVLAN_MODES;

/** Whether the kernel knows the mode. */
export function isMacvlanMode(text: string): text is MacvlanMode {
  return Object.hasOwn(MACVLAN_MODES, text);
}

/** A device of the parent's in the container's namespace: it is in the parent's network as if it were plugged in there. */
export function attachMacvlan(
  socket: NetlinkSocket,
  network: NetworkRecord,
  options: { readonly device: string; readonly mac: Uint8Array; readonly netns: number },
): void {
  const { device: parentName = "", options: given } = network;
  const parent = findLink(socket, parentName);
  if (parent === undefined) {
    throw new EngineError(`Cannot attach the container to "${network.name}": the host has no device "${parentName}"`);
  }
  const mode = given[MODE_OPTION] ?? "bridge";
  const { device: name, mac, netns } = options;
  createMacvlan(socket, { name, mac, netns, ...mtuOf(network) }, parent.index, isMacvlanMode(mode) ? mode : "bridge");
}
