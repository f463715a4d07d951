import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { namedNetwork } from "../network/default-network.ts";
import { attachEndpoint, detachEndpoint } from "../network/index.ts";
import { findNetwork, networkName } from "../network/network-store.ts";
import { withNetworksLock } from "../network/networks-lock.ts";
import { rewriteFiles } from "../network/sandbox/rewrite-files.ts";
import type { EndpointRequest } from "../network/types.ts";
import { networkEvent } from "./event-facts.ts";
import { noteEvents } from "./events.ts";
import type { ContainerRecord } from "./record.ts";
import { livePid } from "./status.ts";
import { findContainer, openContainer, writeContainer } from "./store.ts";

/**
 * Puts a container on one more network for good: at once where it runs, and whenever it starts. Throws EngineError,
 * SystemError.
 */
export async function connectContainer(paths: EnginePaths, word: string, request: EndpointRequest): Promise<void> {
  const network = await withNetworksLock(paths, () => namedNetwork(paths, request.network));
  if (network.driver === "host" || network.driver === "none") {
    throw new EngineError(
      `container cannot be connected to the network "${network.name}": it is for one that has no other`,
    );
  }
  const container = await changeMembership(paths, word, async (record, isRunning) => {
    const { networking } = record;
    if (networking.networks.some((each) => networkName(paths, each) === network.name)) {
      throw new EngineError(`endpoint with name ${record.name} already exists in network ${network.name}`, {
        code: "ERR_CONFLICT",
      });
    }
    if (isRunning) rewriteFiles(paths, record.id, await attachEndpoint(paths, record.id, request));
    const { network: _named, ...endpoint } = request;
    return {
      ...networking,
      networks: [...networking.networks, network.name],
      endpoints: { ...networking.endpoints, [network.name]: endpoint },
    };
  });
  noteEvents(paths, networkEvent(network, "connect", { container }));
}

/** Takes a container off a network, for good. */
export async function disconnectContainer(paths: EnginePaths, word: string, networkWord: string): Promise<void> {
  // It may have been removed while the container did not run.
  const network = findNetwork(paths, networkWord);
  const name = network?.name ?? networkName(paths, networkWord);
  const container = await changeMembership(paths, word, async (record, isRunning) => {
    const { networks, endpoints = {}, ...rest } = record.networking;
    const left = networks.filter((each) => networkName(paths, each) !== name);
    if (left.length === networks.length) {
      throw new EngineError(`container ${record.name} is not connected to network ${name}`, { code: "ERR_CONFLICT" });
    }
    if (isRunning) rewriteFiles(paths, record.id, await detachEndpoint(paths, record.id, name));
    const { [name]: _gone, ...others } = endpoints;
    return { ...rest, networks: left, endpoints: others };
  });
  if (network !== undefined) noteEvents(paths, networkEvent(network, "disconnect", { container }));
}

type Networking = ContainerRecord["networking"];

/** Gives the container's id. */
async function changeMembership(
  paths: EnginePaths,
  word: string,
  change: (record: ContainerRecord, isRunning: boolean) => Promise<Networking>,
): Promise<string> {
  const { record, lock } = openContainer(paths, findContainer(paths, word).id);
  try {
    checkMode(record);
    const networking = await change(record, livePid(paths, record.id) !== undefined);
    writeContainer(paths, { ...record, networking });
    return record.id;
  } finally {
    lock.release();
  }
}

function checkMode({ name, hostConfig: { NetworkMode: mode } }: ContainerRecord): void {
  const hasOwn = mode !== "none" && mode !== "host" && !mode.startsWith("container:");
  if (hasOwn && !isInUserNamespace()) return;
  const why = hasOwn ? "an ordinary user's containers are on no other" : `its network is "${mode}"`;
  throw new EngineError(`Cannot change the networks of the container "${name}": ${why}`, { code: "ERR_CONFLICT" });
}
