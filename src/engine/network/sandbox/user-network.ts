import { makeDirs } from "../../../sys/files.ts";
import { makeNetns } from "../../../sys/network-namespaces.ts";
import { findHelper, helperSucceeded, runHelper } from "../../../sys/run-helper.ts";
import { EngineError } from "../../base/errors.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { DEFAULT_NETWORK } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import type { EndpointRequest, SandboxRequest, SandboxResult } from "../types.ts";
import { claimPorts } from "./claim-ports.ts";
import { sandboxResult, undo } from "./connect-sandbox.ts";
import { pastaArguments } from "./pasta-arguments.ts";
import { releaseSandbox } from "./release-sandbox.ts";
import { helperPidPath, netnsPath, type SandboxRecord, writeSandbox } from "./sandbox-record.ts";
import { startSlirp } from "./slirp4netns.ts";

/**
 * For an ordinary user, who may make no device on the host, and is root of a user namespace: a program of the user's
 * carries packets between the container's namespace and sockets of the host. Undone as a whole where a step fails.
 */
export async function connectUserNetwork(
  paths: EnginePaths,
  request: SandboxRequest,
  requests: readonly EndpointRequest[],
): Promise<SandboxResult> {
  checkRequests(requests);
  const { containerId } = request;
  const record = await withNetworksLock(paths, () => {
    const begun: SandboxRecord = { containerId, request, networkIds: [], endpoints: [], ports: [] };
    writeSandbox(paths, begun);
    return claimPorts(paths, begun);
  });
  try {
    makeDirs(paths.netns, 0o700);
    makeNetns(netnsPath(paths, containerId));
    await startHelper(paths, record);
  } catch (error) {
    await undo(error, () => releaseSandbox(paths, containerId));
    throw error;
  }
  return sandboxResult(paths, record);
}

function checkRequests(requests: readonly EndpointRequest[]): void {
  if (findHelper("pasta") === undefined && findHelper("slirp4netns") === undefined) {
    throw new EngineError(
      "Cannot give an ordinary user's container a network: neither pasta nor slirp4netns is installed",
      {
        code: "ERR_NOT_SUPPORTED",
        fix: "install one of them (Debian: passt, slirp4netns), or use --network none or --network host",
      },
    );
  }
  for (const { network, ip, ip6, mac, aliases } of requests) {
    const isSpecial = [ip, ip6, mac, aliases[0]].some((each) => each !== undefined);
    if (requests.length > 1 || network !== DEFAULT_NETWORK || isSpecial) {
      throw new EngineError(
        `Cannot attach an ordinary user's container to "${network}" with an address or name of its own or beside others`,
        {
          code: "ERR_NOT_SUPPORTED",
          flag: "--network",
          fix: `use --network ${DEFAULT_NETWORK}, none, host or container:NAME without --ip, --ip6, --mac-address and --network-alias`,
        },
      );
    }
  }
}

/** Starts pasta, or slirp4netns where that is not installed. Throws EngineError. */
async function startHelper(paths: EnginePaths, { containerId, ports }: SandboxRecord): Promise<void> {
  const pidFile = helperPidPath(paths, containerId);
  const netns = netnsPath(paths, containerId);
  const pasta = findHelper("pasta");
  if (pasta === undefined) {
    await startSlirp(pidFile, ports, netns);
    return;
  }
  const result = runHelper(pasta, pastaArguments(pidFile, ports, netns));
  if (helperSucceeded(result)) return;
  throw new EngineError(`Cannot start pasta, the way out of the container's network: ${lastLine(result.output)}`, {
    code: "ERR_SYSTEM",
  });
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}
