import { TABLE } from "./nft-base-rules.ts";
import { type PortTarget, type PublishedPorts, portTargets } from "./published-ports.ts";

/** The chain of a container carries its whole id. */
export function containerChain(containerId: string): string {
  return `container-${containerId}`;
}

/** An element of a map of published ports. */
export interface PortElement {
  readonly map: string;
  readonly key: string;
}

/** The part of an nft script that publishes a container's ports; it fails as a whole where a port is published already. */
export function publishRules(published: PublishedPorts): readonly string[] {
  const chain = containerChain(published.containerId);
  const comment = `comment "container ${published.containerName}"`;
  return [
    `add chain ${TABLE} ${chain}`,
    `flush chain ${TABLE} ${chain}`,
    ...portTargets(published).map((target) => `add rule ${TABLE} ${chain} ${dnatRule(target)} ${comment}`),
    ...portElements(published).map(
      ({ map, key }) => `create element ${TABLE} ${map} { ${key} ${comment} : goto ${chain} }`,
    ),
  ];
}

/** The keys of a container's ports, each with the map that has it. */
export function portElements(published: PublishedPorts): readonly PortElement[] {
  return portTargets(published).map(({ family, port, hostAddress }) => {
    const key = `${port.protocol} . ${port.hostPort}`;
    return hostAddress === undefined
      ? { map: `any${family}`, key }
      : { map: `host${family}`, key: `${hostAddress} . ${key}` };
  });
}

/** The part that takes back these elements and the container's chain. */
export function unpublishRules(containerId: string, elements: readonly PortElement[]): readonly string[] {
  const chain = containerChain(containerId);
  return [
    ...elements.map(({ map, key }) => `delete element ${TABLE} ${map} { ${key} }`),
    `flush chain ${TABLE} ${chain}`,
    `delete chain ${TABLE} ${chain}`,
  ];
}

function dnatRule({ family, port, hostAddress, address }: PortTarget): string {
  const protocol = family === 4 ? "ip" : "ip6";
  const host = hostAddress === undefined ? "" : `${protocol} daddr ${hostAddress} `;
  const to = family === 4 ? address : `[${address}]`;
  return `meta nfproto ipv${family} ${host}${port.protocol} dport ${port.hostPort} dnat ${protocol} to ${to}:${port.containerPort}`;
}
