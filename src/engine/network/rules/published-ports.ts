import { formatAddress, parseAddress } from "../../../base/ip-address.ts";
import type { PublishedPort } from "../types.ts";

/** A container with its published ports, as rules need it. */
export interface PublishedPorts {
  readonly containerId: string;
  readonly containerName: string;
  readonly ports: readonly PublishedPort[];
  /** Where the ports lead, by IP version; absent: the container has no address of it. */
  readonly address4?: string | undefined;
  readonly address6?: string | undefined;
}

/** One rule's worth of a published port: of one version of IP. */
export interface PortTarget {
  readonly family: 4 | 6;
  readonly port: PublishedPort;
  /** The one address of the host that it is published on; absent: all. */
  readonly hostAddress?: string;
  /** The container's. */
  readonly address: string;
}

/** A container's ports for each version of IP in which it has an address. */
export function portTargets({ ports, address4, address6 }: PublishedPorts): readonly PortTarget[] {
  return ports.flatMap((port) =>
    ([4, 6] as const).flatMap((family) => {
      const address = family === 4 ? address4 : address6;
      if (address === undefined || !appliesTo(port, family)) return [];
      const hostAddress = specificAddress(port);
      return [{ family, port, address, ...(hostAddress === undefined ? {} : { hostAddress }) }];
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
