import { readTextIfExists } from "../../../sys/files.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { isPortFree } from "../ports/port-proxy.ts";
import { readClaims, writeClaims } from "../ports/port-store.ts";
import { type PortRange, settlePorts } from "../ports/settle-ports.ts";
import { type SandboxRecord, writeSandbox } from "./sandbox-record.ts";

/** Settles the ports that a container publishes and puts them on record. The caller holds the networks' lock. */
export function claimPorts(paths: EnginePaths, record: SandboxRecord): SandboxRecord {
  const { request, containerId } = record;
  if (request.ports.length === 0 || record.ports.length > 0) return record;
  const claims = readClaims(paths);
  const ports = settlePorts(request.ports, claims, localPorts(), isPortFree);
  const next = { ...record, ports };
  writeSandbox(paths, next);
  const own = ports.map((port) => ({ containerId, containerName: request.name, port }));
  writeClaims(paths, [...claims, ...own]);
  return next;
}

/** The ports that the kernel gives to those who name none. Source: ip-sysctl.rst, ip_local_port_range. */
function localPorts(): PortRange {
  const [first, last] = (readTextIfExists("/proc/sys/net/ipv4/ip_local_port_range") ?? "").trim().split(/\s+/);
  return { first: Number(first || 32768), last: Number(last || 60999) };
}
