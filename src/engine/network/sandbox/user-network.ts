import { findHelper, helperSucceeded, runHelper } from "../../../sys/run-helper.ts";
import { EngineError } from "../../base/errors.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { DEFAULT_NETWORK } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import type { EndpointRequest, SandboxRequest, SandboxResult } from "../types.ts";
import { claimPorts } from "./claim-ports.ts";
import { filesFor } from "./host-name-facts.ts";
import { pastaArguments } from "./pasta-arguments.ts";
import { helperPidPath, readSandbox, type SandboxRecord, writeSandbox } from "./sandbox-record.ts";
import { startSlirp } from "./slirp4netns.ts";

/**
 * For an ordinary user, who may make no device on the host: a program of the user's carries packets between the
 * container's namespace and sockets of the host. Decides the ports; the rest needs the container's process.
 */
export async function prepareUserNetwork(
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
  return describeUserNetwork(record);
}

/** A sandbox that the runtime makes. */
export function describeUserNetwork({ request, ports }: SandboxRecord): SandboxResult {
  return {
    namespace: { kind: "new", needsPid: true },
    endpoints: [],
    ports,
    files: filesFor(request, [], []),
  };
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
  for (const { network, ip, ip6, mac } of requests) {
    if (requests.length > 1 || network !== DEFAULT_NETWORK || [ip, ip6, mac].some((each) => each !== undefined)) {
      throw new EngineError(
        `Cannot attach an ordinary user's container to "${network}" with an address of its own or beside others`,
        {
          code: "ERR_NOT_SUPPORTED",
          flag: "--network",
          fix: `use --network ${DEFAULT_NETWORK}, none, host or container:NAME without --ip, --ip6 and --mac-address`,
        },
      );
    }
  }
}

/** Starts pasta, or slirp4netns where that is not installed. Throws EngineError. */
export async function startUserNetwork(paths: EnginePaths, containerId: string, pid: number): Promise<void> {
  const record = readSandbox(paths, containerId);
  if (record === undefined) return;
  const pidFile = helperPidPath(paths, containerId);
  const pasta = findHelper("pasta");
  if (pasta === undefined) {
    await startSlirp(pidFile, record.ports, pid);
    return;
  }
  const result = runHelper(pasta, pastaArguments(pidFile, record.ports, pid));
  if (helperSucceeded(result)) return;
  throw new EngineError(`Cannot start pasta, the way out of the container's network: ${lastLine(result.output)}`, {
    code: "ERR_SYSTEM",
  });
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}
