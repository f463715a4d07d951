import { parseAddress } from "../../../base/ip-address.ts";
import { EngineError } from "../../base/errors.ts";
import type { PortMapping, PublishedPort } from "../types.ts";
import type { PortClaim } from "./port-store.ts";

/** Where free ports are looked for. Source: /proc/sys/net/ipv4/ip_local_port_range of Linux, whose default begins there. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Gives each mapping a port of the host: the one it names, which no container may have, or the first that `isFree`
 * finds. Throws EngineError with the holder's name.
 */
export function settlePorts(
  mappings: readonly PortMapping[],
  claims: readonly PortClaim[],
  range: PortRange,
  isFree: (port: PublishedPort) => boolean,
): readonly PublishedPort[] {
  const settled: PublishedPort[] = [];
  for (const mapping of mappings) {
    const isTaken = (port: PublishedPort): boolean =>
      claims.some((claim) => portsCollide(claim.port, port)) || settled.some((other) => portsCollide(other, port));
    const { hostPort, hostPortLast, ...port } = mapping;
    settled.push(
      hostPort === undefined || hostPortLast !== undefined
        ? freePort(
            port,
            hostPort === undefined ? range : { first: hostPort, last: hostPortLast ?? hostPort },
            (each) => {
              return !isTaken(each) && isFree(each);
            },
          )
        : named(port, hostPort, claims, settled),
    );
  }
  return settled;
}

type Port = Omit<PublishedPort, "hostPort">;

function named(
  mapping: Port,
  hostPort: number,
  claims: readonly PortClaim[],
  settled: readonly PublishedPort[],
): PublishedPort {
  const port = { ...mapping, hostPort };
  const holder = claims.find((claim) => portsCollide(claim.port, port));
  if (holder !== undefined) throw portTaken(port, `the container "${holder.containerName}" has it`);
  if (settled.some((other) => portsCollide(other, port))) throw portTaken(port, "the same command line names it twice");
  return port;
}

function freePort(mapping: Port, { first, last }: PortRange, isFree: (port: PublishedPort) => boolean): PublishedPort {
  for (let hostPort = first; hostPort <= last; hostPort++) {
    const port = { ...mapping, hostPort };
    if (isFree(port)) return port;
  }
  throw new EngineError(
    `Cannot publish port ${mapping.containerPort}/${mapping.protocol}: no port of the host from ${first} to ${last} is free`,
    { flag: "-p" },
  );
}

/** Whether two published ports want the same: every address of the host includes each single one. */
export function portsCollide(a: PublishedPort, b: PublishedPort): boolean {
  return a.hostPort === b.hostPort && a.protocol === b.protocol && addressesMeet(a.hostIp, b.hostIp);
}

function addressesMeet(a: string | undefined, b: string | undefined): boolean {
  const [left, right] = [a, b].map((text) => (text === undefined ? undefined : parseAddress(text)));
  if (left === undefined || right === undefined) return true;
  return left.family === right.family && (left.value === right.value || left.value === 0n || right.value === 0n);
}

/** docker's words, and who has it. */
export function portTaken({ hostIp = "0.0.0.0", hostPort, protocol }: PublishedPort, why: string): EngineError {
  const shown = hostIp.includes(":") ? `[${hostIp}]` : hostIp;
  return new EngineError(`Bind for ${shown}:${hostPort} failed: port is already allocated: ${why} (${protocol})`, {
    flag: "-p",
  });
}
