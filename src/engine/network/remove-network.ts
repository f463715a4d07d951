import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { stopNameServer } from "./dns/name-server.ts";
import { removeBridge } from "./drivers/bridge.ts";
import { forgetMembers, readMembers } from "./endpoint-store.ts";
import { findNetwork, forgetNetwork, listNetworks, PREDEFINED_NETWORKS, resolveNetwork } from "./network-store.ts";
import { withNetworksLock } from "./networks-lock.ts";
import type { NetworkRecord } from "./types.ts";

/** Removes a network with its bridge and rules. Throws EngineError: not a predefined one, not while it is in use. */
export async function removeNetwork(paths: EnginePaths, word: string): Promise<NetworkRecord> {
  return await withNetworksLock(paths, () => {
    const name = findNetwork(paths, word)?.name ?? word;
    if (PREDEFINED_NETWORKS.includes(name)) {
      throw new EngineError(`${name} is a pre-defined network and cannot be removed`);
    }
    const network = resolveNetwork(paths, word);
    const { members } = readMembers(paths, network.id);
    if (members.length > 0) {
      const names = members.map(({ name }) => name).join(", ");
      throw new EngineError(`error while removing network: network ${network.name} has active endpoints: ${names}`, {
        fix: "disconnect or remove these containers",
      });
    }
    removeUnused(paths, network);
    return network;
  });
}

/** Removes the networks that nobody is on and for which `matches` holds. Gives them. */
export async function pruneNetworks(
  paths: EnginePaths,
  matches: (network: NetworkRecord) => boolean,
): Promise<readonly NetworkRecord[]> {
  return await withNetworksLock(paths, () => {
    const unused = listNetworks(paths).filter(
      (network) =>
        !PREDEFINED_NETWORKS.includes(network.name) &&
        readMembers(paths, network.id).members.length === 0 &&
        matches(network),
    );
    for (const network of unused) removeUnused(paths, network);
    return unused;
  });
}

function removeUnused(paths: EnginePaths, network: NetworkRecord): void {
  stopNameServer(paths, network);
  if (network.driver === "bridge") removeBridge(paths, network);
  forgetMembers(paths, network.id);
  forgetNetwork(paths, network.id);
}
