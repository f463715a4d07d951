import { nameServerAddresses } from "../dns/name-server-addresses.ts";
import type { NetworkRecord } from "../types.ts";

/** A network with a bridge, as rules need it. */
export interface NetworkRules {
  readonly name: string;
  readonly bridge: string;
  /** In CIDR notation. */
  readonly subnets: readonly string[];
  readonly internal: boolean;
  /** Where its name server listens; empty where it has none. */
  readonly nameServers: readonly string[];
}

/** What the rules of a network are made from. */
export function networkRules(network: NetworkRecord): NetworkRules {
  const { name, device = "", subnets, internal } = network;
  const prefixes = subnets.map(({ subnet }) => subnet);
  return { name, bridge: device, subnets: prefixes, internal, nameServers: nameServerAddresses(network) };
}

/** The version of an address or prefix as text. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(":") ? 6 : 4;
}
