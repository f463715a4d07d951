import { formatAddress, parseAddress } from "../../../base/ip-address.ts";
import type { PublishedPort } from "../types.ts";
import { TABLE } from "./base-rules.ts";

/** A container with its published ports, as rules need it. */
export interface PortRulesInput {
  readonly containerId: string;
  readonly containerName: string;
  readonly ports: readonly PublishedPort[];
  /** Where the ports lead, by IP version; absent: the container has no address of it. */
  readonly address4?: string | undefined;
  readonly address6?: string | undefined;
}

/** The chain of a container carries its whole id. */
export function containerChain(containerId: string): string {
  return `container-${containerId}`;
}

/** The part of an nft script that publishes a container's ports; it fails as a whole where a port is published already. */
export function publishRules(input: PortRulesInput): readonly string[] {
  const chain = containerChain(input.containerId);
  const comment = `comment "container ${input.containerName}"`;
  return [
    `add chain ${TABLE} ${chain}`,
    `flush chain ${TABLE} ${chain}`,
    ...targets(input).map(({ family, port, address }) => {
      const to = family === 4 ? `ip to ${address}:${port.containerPort}` : `ip6 to [${address}]:${port.containerPort}`;
      const match = `meta nfproto ipv${family} ${hostMatch(port)}${port.protocol} dport ${port.hostPort}`;
      return `add rule ${TABLE} ${chain} ${match} dnat ${to} ${comment}`;
    }),
    ...targets(input).map(({ map, key }) => `create element ${TABLE} ${map} { ${key} ${comment} : goto ${chain} }`),
  ];
}

/** The keys of a container's ports, each with the map that has it. */
export function portElements(input: PortRulesInput): readonly { readonly map: string; readonly key: string }[] {
  return targets(input).map(({ map, key }) => ({ map, key }));
}

/** The part that takes back these elements and the container's chain. */
export function unpublishRules(
  containerId: string,
  elements: readonly { readonly map: string; readonly key: string }[],
): readonly string[] {
  const chain = containerChain(containerId);
  return [
    ...elements.map(({ map, key }) => `delete element ${TABLE} ${map} { ${key} }`),
    `flush chain ${TABLE} ${chain}`,
    `delete chain ${TABLE} ${chain}`,
  ];
}

interface Target {
  readonly family: 4 | 6;
  readonly port: PublishedPort;
  readonly address: string;
  readonly map: string;
  readonly key: string;
}

function targets({ ports, address4, address6 }: PortRulesInput): readonly Target[] {
  return ports.flatMap((port) =>
    ([4, 6] as const).flatMap((family) => {
      const address = family === 4 ? address4 : address6;
      if (address === undefined || !appliesTo(port, family)) return [];
      const ip = specificAddress(port);
      const key = `${ip === undefined ? "" : `${ip} . `}${port.protocol} . ${port.hostPort}`;
      return [{ family, port, address, map: `${ip === undefined ? "any" : "host"}${family}`, key }];
    }),
  );
}

/** Whether a port is published on addresses of this version. */
export function appliesTo({ hostIp }: PublishedPort, family: 4 | 6): boolean {
  return hostIp === undefined || hostIp.includes(":") === (family === 6);
}

/** The one address of the host that a port is published on; undefined for all. */
export function specificAddress({ hostIp }: PublishedPort): string | undefined {
  const address = hostIp === undefined ? undefined : parseAddress(hostIp);
  return address === undefined || address.value === 0n ? undefined : formatAddress(address);
}

function hostMatch(port: PublishedPort): string {
  const ip = specificAddress(port);
  return ip === undefined ? "" : `${ip.includes(":") ? "ip6" : "ip"} daddr ${ip} `;
}
