import { isRecord, type JsonFormat, makeStore, readJson, writeJson } from "../../base/json-store.ts";
import type { EnginePaths } from "../../base/paths.ts";
import type { PublishedPort } from "../types.ts";

/** Who has which port of the host, in `<run>/networks/ports.json`. Whoever reads to write holds the networks' lock. */
export interface PortClaims {
  readonly claims: readonly PortClaim[];
}

export interface PortClaim {
  readonly containerId: string;
  readonly containerName: string;
  readonly port: PublishedPort;
}

const FORMAT: JsonFormat<PortClaims> = { name: "file of published ports", version: 1, check };

export function readClaims(paths: EnginePaths): readonly PortClaim[] {
  return readJson(claimsPath(paths), FORMAT)?.claims ?? [];
}

export function writeClaims(paths: EnginePaths, claims: readonly PortClaim[]): void {
  makeStore(`${paths.run}/networks`);
  writeJson(claimsPath(paths), { claims }, FORMAT);
}

function claimsPath({ run }: EnginePaths): string {
  return `${run}/networks/ports.json`;
}

function check(value: unknown): PortClaims | undefined {
  if (!isRecord(value)) return undefined;
  const { claims } = value;
  return Array.isArray(claims) && claims.every(isClaim) ? { claims } : undefined;
}

function isClaim(value: unknown): value is PortClaim {
  if (!isRecord(value)) return false;
  const { containerId, containerName, port } = value;
  return typeof containerId === "string" && typeof containerName === "string" && isPublishedPort(port);
}

export function isPublishedPort(value: unknown): value is PublishedPort {
  if (!isRecord(value)) return false;
  const { protocol, containerPort, hostPort, hostIp } = value;
  const isProtocol = protocol === "tcp" || protocol === "udp";
  const areNumbers = Number.isInteger(containerPort) && Number.isInteger(hostPort);
  return isProtocol && areNumbers && (hostIp === undefined || typeof hostIp === "string");
}
