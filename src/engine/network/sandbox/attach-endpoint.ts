import { EngineError, NoSuchObjectError } from "../../base/errors.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { resolveNetwork } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import type { EndpointRequest, SandboxResult } from "../types.ts";
import { configureNamespace } from "./configure-namespace.ts";
import { carryOut, type StepObserver, sandboxResult, undo } from "./connect-sandbox.ts";
import { ATTACH_STEPS } from "./connect-steps.ts";
import { publishedEndpoint } from "./published-endpoint.ts";
import { leaveNetwork, removeLinks } from "./release-sandbox.ts";
import { netnsPath, readSandbox, type SandboxRecord, writeSandbox } from "./sandbox-record.ts";

export async function attachEndpoint(
  paths: EnginePaths,
  containerId: string,
  request: EndpointRequest,
  beforeStep: StepObserver = () => {},
): Promise<SandboxResult> {
  const record = sandboxOf(paths, containerId);
  try {
    const begun = { paths, record, requests: [request], networks: [], added: [] };
    const { record: made } = await carryOut(ATTACH_STEPS, begun, beforeStep);
    return sandboxResult(paths, made);
  } catch (error) {
    await undo(error, () => takeBack(paths, record));
    throw error;
  }
}

/** Removes what the record of before does not tell of. */
async function takeBack(paths: EnginePaths, before: SandboxRecord): Promise<void> {
  const now = readSandbox(paths, before.containerId);
  if (now === undefined) return;
  const added = now.endpoints.filter(({ device }) => !before.endpoints.some((endpoint) => endpoint.device === device));
  removeLinks(added.flatMap(({ hostDevice }) => hostDevice ?? []));
  await withNetworksLock(paths, () => {
    for (const id of now.networkIds) if (!before.networkIds.includes(id)) leaveNetwork(paths, id, before.containerId);
  });
  writeSandbox(paths, before);
}

export async function detachEndpoint(paths: EnginePaths, containerId: string, word: string): Promise<SandboxResult> {
  const record = sandboxOf(paths, containerId);
  const network = resolveNetwork(paths, word);
  const endpoint = record.endpoints.find(({ networkId }) => networkId === network.id);
  if (endpoint === undefined) {
    throw new EngineError(`container ${record.request.name} is not connected to network ${network.name}`);
  }
  if (record.ports.length > 0 && publishedEndpoint(record) === endpoint) {
    throw new EngineError(
      `Cannot disconnect "${record.request.name}" from "${network.name}": its published ports lead there`,
    );
  }
  if (endpoint.hostDevice === undefined) {
    throw new EngineError(
      `Cannot disconnect "${record.request.name}" from "${network.name}": a ${network.driver} is its for as long as it runs`,
      {
        code: "ERR_NOT_SUPPORTED",
      },
    );
  }
  removeLinks([endpoint.hostDevice]);
  await withNetworksLock(paths, () => leaveNetwork(paths, network.id, containerId));
  const next = {
    ...record,
    networkIds: record.networkIds.filter((id) => id !== network.id),
    endpoints: record.endpoints.filter((each) => each !== endpoint),
  };
  writeSandbox(paths, next);
  // The default route may have gone with the device.
  configureNamespace(netnsPath(paths, containerId), next.endpoints);
  return sandboxResult(paths, next);
}

function sandboxOf(paths: EnginePaths, containerId: string): SandboxRecord {
  const record = readSandbox(paths, containerId);
  if (record === undefined) throw new NoSuchObjectError("container with a network of its own", containerId);
  return record;
}
