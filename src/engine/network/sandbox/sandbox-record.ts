import { listDir, pathType, unlink } from "../../../sys/files.ts";
import { isRecord, isTexts, type JsonFormat, makeStore, readJson, writeJson } from "../../base/json-store.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { isPublishedPort } from "../ports/port-store.ts";
import { type Endpoint, NETWORK_DRIVERS, type PublishedPort, type SandboxRequest } from "../types.ts";

/**
 * What there is, or is about to be, of a container's network, in `<run>/sandboxes/<id>.json`. It is written before each
 * thing is made that it tells of: from whatever is left after a crash all can be undone.
 */
export interface SandboxRecord {
  readonly containerId: string;
  /** What was asked for; the networks are those of `networkIds` by now. */
  readonly request: SandboxRequest;
  /** Every network on which the container may be a member. */
  readonly networkIds: readonly string[];
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly PublishedPort[];
}

const FORMAT: JsonFormat<SandboxRecord> = { name: "sandbox", version: 1, check };

const SUFFIX = ".json";

export function sandboxDirectory({ run }: EnginePaths): string {
  return `${run}/sandboxes`;
}

/** Where a container's network namespace is bound. */
export function netnsPath({ netns }: EnginePaths, containerId: string): string {
  return `${netns}/${containerId}`;
}

/** Where the pid of the process that keeps a container's ports is, or that is its way out as an ordinary user's. */
export function helperPidPath(paths: EnginePaths, containerId: string): string {
  return `${sandboxDirectory(paths)}/${containerId}.pid`;
}

export function readSandbox(paths: EnginePaths, containerId: string): SandboxRecord | undefined {
  return readJson(recordPath(paths, containerId), FORMAT);
}

export function writeSandbox(paths: EnginePaths, record: SandboxRecord): void {
  makeStore(sandboxDirectory(paths));
  writeJson(recordPath(paths, record.containerId), record, FORMAT);
}

export function forgetSandbox(paths: EnginePaths, containerId: string): void {
  const path = recordPath(paths, containerId);
  if (pathType(path) !== undefined) unlink(path);
}

/** The containers that have a sandbox. */
export function listSandboxes(paths: EnginePaths): readonly string[] {
  const directory = sandboxDirectory(paths);
  if (pathType(directory) === undefined) return [];
  const names = listDir(directory).filter((name) => name.endsWith(SUFFIX) && !name.startsWith("."));
  return names.map((name) => name.slice(0, -SUFFIX.length)).sort();
}

function recordPath(paths: EnginePaths, containerId: string): string {
  return `${sandboxDirectory(paths)}/${containerId}${SUFFIX}`;
}

function check(value: unknown): SandboxRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { containerId, request, networkIds, endpoints, ports } = value;
  if (typeof containerId !== "string" || !isRequest(request) || !isTexts(networkIds)) return undefined;
  if (!Array.isArray(endpoints) || !endpoints.every(isEndpoint)) return undefined;
  if (!Array.isArray(ports) || !ports.every(isPublishedPort)) return undefined;
  return { containerId, request, networkIds, endpoints, ports };
}

/** The parts that are used again later. */
function isRequest(value: unknown): value is SandboxRequest {
  if (!isRecord(value) || !isRecord(value["mode"]) || !isRecord(value["dns"])) return false;
  const { servers, options, search } = value["dns"];
  const texts = [value["containerId"], value["name"], value["hostname"], value["mode"]["kind"]];
  return (
    texts.every((text) => typeof text === "string") && [servers, options, search, value["extraHosts"]].every(isTexts)
  );
}

function isEndpoint(value: unknown): value is Endpoint {
  if (!isRecord(value)) return false;
  const { networkId, network, driver, device, mac, aliases } = value;
  const texts = [networkId, network, device, mac].every((text) => typeof text === "string");
  return texts && NETWORK_DRIVERS.some((known) => known === driver) && isTexts(aliases);
}
