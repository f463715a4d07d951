import { parseAddress } from "../../base/ip-address.ts";
import { EngineError, EXIT_STATUS } from "../base/errors.ts";
import type { PortMapping, PortProtocol } from "./types.ts";

const PORT_MAX = 65535;

/**
 * Reads one `-p`: [[IP:][HOST]:]CONTAINER[/PROTOCOL], where HOST and CONTAINER may be ranges of one length, HOST a
 * range of which one free port is taken, HOST 0 as good as none, and an IPv6 address is in brackets. Throws EngineError. Source: "EXPOSE" of docker-run(1).
 */
export function parsePublish(spec: string): readonly PortMapping[] {
  const refuse = refusal("-p", spec);
  const [ports = "", protocolText = "tcp", ...more] = spec.split("/");
  if (more.length > 0) throw refuse("one protocol at most");
  const protocol = parseProtocol(protocolText, refuse);
  const { ip, host, container } = splitPorts(ports, refuse);
  const hostIp = ip === "" ? undefined : checkAddress(ip, refuse);
  const containerPorts = parseRange(container, refuse);
  const hostPorts = host === "" || host === "0" ? undefined : parseRange(host, refuse);
  const address = hostIp === undefined ? {} : { hostIp };
  const [containerPort = 0, ...further] = containerPorts;
  if (hostPorts !== undefined && hostPorts.length > 1 && further.length === 0) {
    return [{ protocol, containerPort, hostPort: hostPorts[0] ?? 0, hostPortLast: hostPorts.at(-1) ?? 0, ...address }];
  }
  if (hostPorts !== undefined && hostPorts.length !== containerPorts.length) {
    throw refuse("as many ports of the host as of the container");
  }
  return containerPorts.map((port, index) => {
    const hostPort = hostPorts?.[index];
    return { protocol, containerPort: port, ...(hostPort === undefined ? {} : { hostPort }), ...address };
  });
}

/** Reads one `--expose`: PORT[-PORT][/PROTOCOL]. */
export function parseExpose(spec: string): readonly PortMapping[] {
  const refuse = refusal("--expose", spec);
  const [ports = "", protocol = "tcp"] = spec.split("/");
  return parseRange(ports, refuse).map((containerPort) => ({
    protocol: parseProtocol(protocol, refuse),
    containerPort,
  }));
}

/** The host's port of a mapping as docker writes it: "8080", "9000-9010", "" for any. */
export function hostPortText({ hostPort, hostPortLast }: PortMapping): string {
  if (hostPort === undefined) return "";
  return hostPortLast === undefined ? String(hostPort) : `${hostPort}-${hostPortLast}`;
}

/** What hostPortText has written. */
export function readHostPort(text: string): Pick<PortMapping, "hostPort" | "hostPortLast"> {
  if (text === "") return {};
  const [first, last] = text.split("-");
  return { hostPort: Number(first), ...(last === undefined ? {} : { hostPortLast: Number(last) }) };
}

/** A container's port as docker writes it: "80/tcp". */
export function portKey({ containerPort, protocol }: PortMapping): string {
  return `${containerPort}/${protocol}`;
}

type Refuse = (mustBe: string) => EngineError;

function refusal(flag: string, spec: string): Refuse {
  return (mustBe) =>
    new EngineError(`Cannot use ${flag} "${spec}": it must have ${mustBe}`, {
      code: "ERR_USAGE",
      flag,
      exitStatus: EXIT_STATUS.engine,
    });
}

interface PortTexts {
  readonly ip: string;
  readonly host: string;
  readonly container: string;
}

function splitPorts(text: string, refuse: Refuse): PortTexts {
  const bracketed = /^\[([^\]]*)\]:(.*)$/.exec(text);
  const parts = (bracketed?.[2] ?? text).split(":");
  if (bracketed !== null) parts.unshift(bracketed[1] ?? "");
  if (parts.length > 3) throw refuse("an IPv6 address in brackets");
  const [container = "", host = "", ip = ""] = parts.reverse();
  if (bracketed !== null && parts.length !== 3)
    throw refuse("a port of the host behind the address, or nothing and a colon");
  return { ip, host, container };
}

function checkAddress(text: string, refuse: Refuse): string {
  if (parseAddress(text) === undefined) throw refuse(`an IP address of the host where "${text}" is`);
  return text;
}

function parseProtocol(text: string, refuse: Refuse): PortProtocol {
  const lower = text.toLowerCase();
  if (lower !== "tcp" && lower !== "udp") throw refuse(`the protocol tcp or udp, not "${text}"`);
  return lower;
}

function parseRange(text: string, refuse: Refuse): readonly number[] {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text);
  const first = Number(match?.[1] ?? Number.NaN);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  if (!(first >= 1 && first <= last && last <= PORT_MAX)) {
    throw refuse(`a port from 1 to ${PORT_MAX}, or a range of them, where "${text}" is`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
