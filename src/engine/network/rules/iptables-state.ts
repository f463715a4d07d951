import { pathType, unlink } from "../../../sys/files.ts";
import { isRecord, isTexts, type JsonFormat, makeStore, readJson, writeJson } from "../../base/json-store.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { isPublishedPort } from "../ports/port-store.ts";
import type { NetworkRules } from "./network-rules.ts";
import type { PublishedPorts } from "./published-ports.ts";

/**
 * What the rules of iptables are made from, in `<run>/networks/iptables.json`: all of them are written anew with each
 * change, because iptables has neither sets nor maps of verdicts that one element could be taken from.
 */
export interface IptablesState {
  readonly networks: readonly (NetworkRules & { readonly namesPort?: number })[];
  readonly containers: readonly PublishedPorts[];
}

export const NO_RULES: IptablesState = { networks: [], containers: [] };

const FORMAT: JsonFormat<IptablesState> = { name: "file of iptables' rules", version: 1, check };

/** Undefined where iptables has no rules of this engine. */
export function readIptablesState(paths: EnginePaths): IptablesState | undefined {
  return readJson(statePath(paths), FORMAT);
}

export function writeIptablesState(paths: EnginePaths, state: IptablesState): void {
  if (isEmptyState(state)) {
    if (pathType(statePath(paths)) !== undefined) unlink(statePath(paths));
    return;
  }
  makeStore(`${paths.run}/networks`);
  writeJson(statePath(paths), state, FORMAT);
}

export function isEmptyState({ networks, containers }: IptablesState): boolean {
  return networks.length === 0 && containers.length === 0;
}

function statePath({ run }: EnginePaths): string {
  return `${run}/networks/iptables.json`;
}

function check(value: unknown): IptablesState | undefined {
  if (!isRecord(value)) return undefined;
  const { networks, containers } = value;
  if (!Array.isArray(networks) || !networks.every(isNetwork)) return undefined;
  return Array.isArray(containers) && containers.every(isPublished) ? { networks, containers } : undefined;
}

function isNetwork(value: unknown): value is IptablesState["networks"][number] {
  if (!isRecord(value)) return false;
  const { name, bridge, subnets, internal, nameServers, namesPort } = value;
  const isPort = namesPort === undefined || Number.isInteger(namesPort);
  return (
    [name, bridge].every(isText) && [subnets, nameServers].every(isTexts) && typeof internal === "boolean" && isPort
  );
}

function isPublished(value: unknown): value is PublishedPorts {
  if (!isRecord(value)) return false;
  const { containerId, containerName, ports, address4 = "", address6 = "" } = value;
  const areTexts = [containerId, containerName, address4, address6].every(isText);
  return areTexts && Array.isArray(ports) && ports.every(isPublishedPort);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
