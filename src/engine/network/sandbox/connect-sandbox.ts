import { isInUserNamespace } from "../../../sys/user-namespace.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { listNetworks } from "../network-store.ts";
import type { EndpointRequest, SandboxRequest, SandboxResult } from "../types.ts";
import { CONNECT_STEPS, type Connecting, type ConnectStep } from "./connect-steps.ts";
import { filesFor } from "./host-name-facts.ts";
import { releaseSandbox } from "./release-sandbox.ts";
import { netnsPath, readSandbox, type SandboxRecord } from "./sandbox-record.ts";

/** For tests: called before each step. */
export type StepObserver = (step: string) => void;

const UNOBSERVED: StepObserver = () => {};

export async function connectSandbox(
  paths: EnginePaths,
  request: SandboxRequest,
  beforeStep: StepObserver = UNOBSERVED,
): Promise<SandboxResult> {
  const { mode, containerId } = request;
  const nothing = { endpoints: [], ports: [] };
  switch (mode.kind) {
    case "host":
      return { namespace: { kind: "host" }, files: filesFor(request, [], []), ...nothing };
    case "none":
      return { namespace: { kind: "new" }, files: filesFor(request, [], []), ...nothing };
    case "container": {
      const path = readSandbox(paths, mode.containerId) === undefined ? undefined : netnsPath(paths, mode.containerId);
      const namespace = { kind: "container", containerId: mode.containerId } as const;
      return { namespace: path === undefined ? namespace : { ...namespace, path }, ...nothing };
    }
    case "networks":
      // What an earlier, unclean end of this container left.
      await releaseSandbox(paths, containerId);
      return isInUserNamespace()
        ? await (await import("./user-network.ts")).connectUserNetwork(paths, request, mode.networks)
        : await connectNetworks(paths, request, mode.networks, beforeStep);
  }
}

async function connectNetworks(
  paths: EnginePaths,
  request: SandboxRequest,
  requests: readonly EndpointRequest[],
  beforeStep: StepObserver,
): Promise<SandboxResult> {
  const { containerId } = request;
  const record: SandboxRecord = { containerId, request, networkIds: [], endpoints: [], ports: [] };
  const begun: Connecting = { paths, record, requests, networks: [], added: [] };
  try {
    const { record: made, networks } = await carryOut(CONNECT_STEPS, begun, beforeStep);
    return sandboxResult(paths, made, networks);
  } catch (error) {
    await undo(error, () => releaseSandbox(paths, containerId));
    throw error;
  }
}

/** Does one step after the other, each with what the one before has left. */
export async function carryOut(
  steps: readonly ConnectStep[],
  begun: Connecting,
  beforeStep: StepObserver,
): Promise<Connecting> {
  let state = begun;
  for (const { name, act } of steps) {
    beforeStep(name);
    state = await act(state);
  }
  return state;
}

/** What goes wrong while undoing is told behind the cause. */
export async function undo(cause: unknown, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (cause instanceof Error && "cleanup" in cause && Array.isArray(cause.cleanup)) cause.cleanup.push(error);
  }
}

/** A connected sandbox as its callers see it. */
export function sandboxResult(
  paths: EnginePaths,
  record: SandboxRecord,
  networks = listNetworks(paths),
): SandboxResult {
  const { containerId, request, endpoints, ports } = record;
  return {
    namespace: { kind: "path", path: netnsPath(paths, containerId) },
    endpoints,
    ports,
    files: filesFor(request, endpoints, networks),
  };
}
