import { pathType, removeDir, unlink } from "../../sys/files.ts";
import { EngineError, NoSuchObjectError } from "../base/errors.ts";
import { listJson, makeStore, writeJson } from "../base/json-store.ts";
import { resolveObject } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";
import { BUILT_IN_NETWORKS } from "./built-in-networks.ts";
import { NETWORK_FORMAT } from "./network-record.ts";
import type { NetworkRecord } from "./types.ts";

/** The name of the network that a container gets which names none. */
export const DEFAULT_NETWORK = "bridge";

/** Those that nobody may remove or make. */
export const PREDEFINED_NETWORKS: readonly string[] = [DEFAULT_NETWORK, ...BUILT_IN_NETWORKS.map(({ name }) => name)];

/** Every network, sorted by name; `bad` are the files that could not be read. */
export function readNetworks(paths: EnginePaths): {
  readonly networks: readonly NetworkRecord[];
  readonly bad: readonly Error[];
} {
  const { values, bad } = listJson(paths.networks, "/network.json", NETWORK_FORMAT);
  const networks = [...BUILT_IN_NETWORKS, ...values.map(({ value }) => value)];
  networks.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  return { networks, bad: bad.map(({ error }) => error) };
}

export function listNetworks(paths: EnginePaths): readonly NetworkRecord[] {
  return readNetworks(paths).networks;
}

/** The network that a name, an id or the beginning of an id means; undefined where there is none. */
export function findNetwork(paths: EnginePaths, word: string): NetworkRecord | undefined {
  const found = resolveObject(listNetworks(paths), word);
  if (found.outcome === "ambiguous") {
    throw new EngineError(`network ${word} is ambiguous: several ids begin so`, { fix: "write more of the id" });
  }
  return found.outcome === "found" ? found.object : undefined;
}

/** The name of the network that a container's word means, also of one that has gone. */
export function networkName(paths: EnginePaths, word: string): string {
  return word === "default" ? DEFAULT_NETWORK : (findNetwork(paths, word)?.name ?? word);
}

/** As findNetwork; throws NoSuchObjectError. */
export function resolveNetwork(paths: EnginePaths, word: string): NetworkRecord {
  const network = findNetwork(paths, word);
  if (network === undefined) throw new NoSuchObjectError("network", word);
  return network;
}

/** Keeps a network for good: it outlives a power cut. */
export function saveNetwork(paths: EnginePaths, network: NetworkRecord): void {
  const directory = `${paths.networks}/${network.id}`;
  makeStore(directory);
  writeJson(`${directory}/network.json`, network, NETWORK_FORMAT, true);
}

/** Forgets a network. */
export function forgetNetwork(paths: EnginePaths, id: string): void {
  const directory = `${paths.networks}/${id}`;
  for (const file of [`${directory}/network.json`]) if (pathType(file) !== undefined) unlink(file);
  if (pathType(directory) !== undefined) removeDir(directory);
}
