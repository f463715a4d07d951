import { DEFAULT_NETWORK } from "../network-store.ts";
import type { NetworkRecord } from "../types.ts";

/** Whether containers of a network find each other by name: not on the default one, as in docker. */
export function hasNames({ driver, name }: NetworkRecord): boolean {
  return driver === "bridge" && name !== DEFAULT_NETWORK;
}

/** Where a network's name server listens: at the network's gateways. */
export function nameServerAddresses(network: NetworkRecord): readonly string[] {
  return hasNames(network) ? network.subnets.map(({ gateway }) => gateway) : [];
}
