import { SystemError } from "../../../base/errors.ts";
import { addressBytes, type IpAddress, parseAddress } from "../../../base/ip-address.ts";
import { bindPort } from "../../../sys/bind-port.ts";
import { close } from "../../../sys/descriptors.ts";
import { netdFd, startNetd } from "../netd.ts";
import { appliesTo, specificAddress } from "../rules/published-ports.ts";
import type { PublishedPort } from "../types.ts";
import { portHolder } from "./port-holder.ts";
import { portTaken } from "./settle-ports.ts";

/** A socket that holds a published port of the host. */
export interface HeldPort {
  readonly port: PublishedPort;
  readonly fd: number;
}

/** Source: errno(3). */
const EADDRINUSE = 98;
const EAFNOSUPPORT = 97;
const EADDRNOTAVAIL = 99;

/** Takes every published port, for each version of IP that it is published on. Throws EngineError with the holder's name. */
export function holdPorts(ports: readonly PublishedPort[]): readonly HeldPort[] {
  const held: HeldPort[] = [];
  try {
    for (const port of ports) for (const fd of bindAll(port)) held.push({ port, fd });
  } catch (error) {
    closePorts(held);
    throw error;
  }
  return held;
}

export function closePorts(held: readonly HeldPort[]): void {
  for (const { fd } of held) close(fd);
}

/** Whether a port of the host is free now. */
export function isPortFree(port: PublishedPort): boolean {
  try {
    for (const fd of bindAll(port)) close(fd);
    return true;
  } catch {
    return false;
  }
}

/** Starts the proxy that keeps the ports and passes on what comes in past the rules, to this address of the container. */
export function startPortProxy(pidFile: string, held: readonly HeldPort[], target: IpAddress): void {
  const address = Buffer.from(addressBytes(target)).toString("hex");
  const args = held.flatMap(({ port: { protocol, containerPort } }, index) => [
    protocol === "tcp" ? "t" : "u",
    netdFd(index),
    address,
    String(containerPort),
  ]);
  startNetd(
    "proxy",
    pidFile,
    args,
    held.map(({ fd }) => fd),
  );
}

function bindAll(port: PublishedPort): readonly number[] {
  const type = port.protocol === "tcp" ? "stream" : "datagram";
  const specific = specificAddress(port);
  const fds: number[] = [];
  for (const family of [4, 6] as const) {
    if (!appliesTo(port, family)) continue;
    const address = parseAddress(specific ?? (family === 4 ? "0.0.0.0" : "::"));
    if (address === undefined) continue;
    try {
      fds.push(bindPort(type, address, port.hostPort));
    } catch (error) {
      // A host without IPv6 publishes on IPv4 only, unless an address was named.
      if (family === 6 && specific === undefined && isErrno(error, EAFNOSUPPORT, EADDRNOTAVAIL)) continue;
      for (const fd of fds) close(fd);
      throw isErrno(error, EADDRINUSE) ? portTaken(port, `${portHolder(port) ?? "another process"} has it`) : error;
    }
  }
  return fds;
}

function isErrno(error: unknown, ...numbers: readonly number[]): boolean {
  return error instanceof SystemError && numbers.includes(error.failure.errno);
}
