import { SystemError } from "../../../base/errors.ts";
import { parseAddress } from "../../../base/ip-address.ts";
import { bindPort } from "../../../sys/bind-port.ts";
import { close } from "../../../sys/descriptors.ts";

export const DNS_PORT = 53;

/** Tried in turn where another program of the host has port 53 on all addresses; the rules lead there. */
const OTHER_PORTS = Array.from({ length: 100 }, (_, index) => 10053 + index);

/** Source: errno(3). */
const EADDRINUSE = 98;

export interface NameServerSockets {
  readonly port: number;
  /** For each address one of UDP and one of TCP. The caller closes them. */
  readonly sockets: readonly number[];
}

/** Takes one port on each address, for UDP and TCP: 53 where it is free. Throws SystemError. */
export function bindNameServer(addresses: readonly string[]): NameServerSockets {
  for (const port of [DNS_PORT, ...OTHER_PORTS]) {
    try {
      return { port, sockets: bindAll(addresses, port) };
    } catch (error) {
      const isTaken = error instanceof SystemError && error.failure.errno === EADDRINUSE;
      if (!isTaken || port === OTHER_PORTS.at(-1)) throw error;
    }
  }
  return { port: DNS_PORT, sockets: [] };
}

function bindAll(addresses: readonly string[], port: number): readonly number[] {
  const sockets: number[] = [];
  try {
    for (const text of addresses) {
      const address = parseAddress(text);
      if (address === undefined) continue;
      for (const type of ["datagram", "stream"] as const) sockets.push(bindPort(type, address, port));
    }
  } catch (error) {
    for (const socket of sockets) close(socket);
    throw error;
  }
  return sockets;
}
