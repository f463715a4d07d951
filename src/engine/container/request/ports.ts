import type { PortBinding } from "../container-config.ts";
import { usage } from "./usage.ts";

const PORT =
  /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:]*)):)??(?:([0-9]*)(?:-([0-9]+))?:)?([0-9]+)(?:-([0-9]+))?(?:\/(tcp|udp|sctp))?$/;

/** `-p [IP:][HOST[-HOST]:]PORT[-PORT][/PROTOCOL]`, as docker's PortBindings: "80/tcp" → where it is bound. */
export function parsePorts(texts: readonly string[]): Readonly<Record<string, readonly PortBinding[]>> {
  const bindings: Record<string, PortBinding[]> = {};
  for (const text of texts) {
    for (const [key, binding] of parsePort(text)) bindings[key] = [...(bindings[key] ?? []), binding];
  }
  return bindings;
}

function parsePort(text: string): readonly (readonly [string, PortBinding])[] {
  const match = PORT.exec(text);
  if (match === null)
    throw usage(`invalid publish opts format (should be [ip:]host:container[/proto]): ${text}`, "--publish");
  const [, ip6, ip4, host = "", hostEnd, port = "", portEnd, protocol = "tcp"] = match;
  const count = rangeLength(port, portEnd, text);
  const hostCount = host === "" ? count : rangeLength(host, hostEnd, text);
  // One port may take any free one of a range.
  if (hostCount !== count && count !== 1)
    throw usage(`invalid ranges specified for container and host Ports: ${text}`, "--publish");
  return Array.from({ length: count }, (_, index) => [
    `${Number(port) + index}/${protocol}`,
    { HostIp: ip6 ?? ip4 ?? "", HostPort: hostPort(host, hostEnd, index, count) },
  ]);
}

function hostPort(host: string, end: string | undefined, index: number, count: number): string {
  if (host === "") return "";
  return count === 1 && end !== undefined ? `${host}-${end}` : String(Number(host) + index);
}

function rangeLength(first: string, last: string | undefined, text: string): number {
  const length = last === undefined ? 1 : Number(last) - Number(first) + 1;
  const isPort = [first, last ?? first].every((port) => Number(port) >= 1 && Number(port) <= 65535);
  if (length < 1 || !isPort) throw usage(`invalid port in "${text}": ports are 1 to 65535`, "--publish");
  return length;
}

/** "80" or "80/udp" or a range, as docker's keys. */
export function parseExposed(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const match = /^([0-9]+)(?:-([0-9]+))?(?:\/(tcp|udp|sctp))?$/.exec(text);
    if (match === null) throw usage(`invalid range format for --expose: ${text}`, "--expose");
    const [, first = "", last, protocol = "tcp"] = match;
    return Array.from({ length: rangeLength(first, last, text) }, (_, index) => `${Number(first) + index}/${protocol}`);
  });
}
