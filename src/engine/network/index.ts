/**
 * The networks of containers, as the container's life cycle uses them:
 *
 *     run, start:  connectSandbox ──▶ config.json names result.namespace ──▶ runtime create, start
 *     stop, rm:    releaseSandbox
 *
 * Each function loads what it needs when it is called: a container without a network pays for nothing.
 */
import type { EnginePaths } from "../base/paths.ts";
import type { IfEnded } from "./sandbox/recover-networks.ts";
import type { Endpoint, EndpointRequest, NetworkRecord, SandboxRequest, SandboxResult } from "./types.ts";

export type * from "./types.ts";

/**
 * Makes a container's network namespace and all that belongs to it: links, addresses, routes, published ports, names.
 * Undone as a whole where a step fails. Throws EngineError, SystemError.
 */
export async function connectSandbox(paths: EnginePaths, request: SandboxRequest): Promise<SandboxResult> {
  const { connectSandbox: connect } = await import("./sandbox/connect-sandbox.ts");
  return connect(paths, request);
}

/** Takes back all that connectSandbox did; does nothing where nothing is left. Gives the endpoints that are no more. */
export async function releaseSandbox(paths: EnginePaths, containerId: string): Promise<readonly Endpoint[]> {
  const { releaseSandbox: release } = await import("./sandbox/release-sandbox.ts");
  return release(paths, containerId);
}

/** Has a container's networks know it by another name; does nothing where it has no sandbox. */
export async function renameSandbox(paths: EnginePaths, containerId: string, name: string): Promise<void> {
  const { renameSandbox: rename } = await import("./sandbox/rename-sandbox.ts");
  return rename(paths, containerId, name);
}

/** What is known of a container's sandbox, for `inspect` and `port`; undefined where it has none. */
export async function describeSandbox(paths: EnginePaths, containerId: string): Promise<SandboxResult | undefined> {
  const { describeSandbox: describe } = await import("./sandbox/describe-sandbox.ts");
  return describe(paths, containerId);
}

/** `network connect`, on a container with a sandbox. The files' new contents are the caller's to write. */
export async function attachEndpoint(
  paths: EnginePaths,
  containerId: string,
  request: EndpointRequest,
): Promise<SandboxResult> {
  const { attachEndpoint: attach } = await import("./sandbox/attach-endpoint.ts");
  return attach(paths, containerId, request);
}

/** `network disconnect`. */
export async function detachEndpoint(paths: EnginePaths, containerId: string, network: string): Promise<SandboxResult> {
  const { detachEndpoint: detach } = await import("./sandbox/attach-endpoint.ts");
  return detach(paths, containerId, network);
}

/** Every network, sorted by name. */
export async function listNetworks(paths: EnginePaths): Promise<readonly NetworkRecord[]> {
  const { listNetworks: list } = await import("./network-store.ts");
  return list(paths);
}

/** Takes back what containers have left that ended uncleanly: for `system recover`. Returns the ids. */
export async function recoverNetworks(paths: EnginePaths, ifEnded: IfEnded): Promise<readonly string[]> {
  const { recoverNetworks: recover } = await import("./sandbox/recover-networks.ts");
  return recover(paths, ifEnded);
}
