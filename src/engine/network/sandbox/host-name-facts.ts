import { readTextIfExists } from "../../../sys/files.ts";
import { hostResolvConf, reachableResolvConf } from "../dns/host-resolv-conf.ts";
import { nameServerAddresses } from "../dns/name-server-addresses.ts";
import type { Endpoint, NetworkRecord, SandboxFiles, SandboxRequest } from "../types.ts";
import { type HostNameFacts, sandboxFiles } from "./sandbox-files.ts";

/** Reads what of the host the files of containers are made from. */
export function hostNameFacts(): HostNameFacts {
  return { own: hostResolvConf(), reachable: reachableResolvConf(), hosts: readTextIfExists("/etc/hosts") ?? "" };
}

/** The files of a container on these networks. */
export function filesFor(
  request: SandboxRequest,
  endpoints: readonly Endpoint[],
  networks: readonly NetworkRecord[],
): SandboxFiles {
  const named = endpoints.map((endpoint) => {
    const network = networks.find(({ id }) => id === endpoint.networkId);
    return { endpoint, nameServers: network === undefined ? [] : nameServerAddresses(network) };
  });
  return sandboxFiles(request, named, hostNameFacts());
}
