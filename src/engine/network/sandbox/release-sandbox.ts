import { deleteLink } from "../../../sys/netlink/links.ts";
import { withNetlink } from "../../../sys/netlink/netlink-socket.ts";
import { removeNetns } from "../../../sys/network-namespaces.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { updateNames } from "../dns/name-server.ts";
import { readMembers, withoutMember, writeMembers } from "../endpoint-store.ts";
import { stopNetd } from "../netd.ts";
import { listNetworks } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import { forgetFlows } from "../ports/forget-flows.ts";
import { readClaims, writeClaims } from "../ports/port-store.ts";
import { hasFirewall, hostFirewall } from "../rules/host-firewall.ts";
import type { Endpoint } from "../types.ts";
import { publishedPorts } from "./published-endpoint.ts";
import { forgetSandbox, helperPidPath, netnsPath, readSandbox, type SandboxRecord } from "./sandbox-record.ts";

/**
 * Takes back all that a sandbox's record tells of, in the reverse order of making, and each thing even where another
 * could not be taken back: then the record stays, and the first failure is thrown with the others as its cleanup. Gives the
 * endpoints that are no more.
 */
export async function releaseSandbox(paths: EnginePaths, containerId: string): Promise<readonly Endpoint[]> {
  const record = readSandbox(paths, containerId);
  if (record === undefined) return [];
  const failures: Error[] = [];
  for (const act of releaseActs(paths, record)) {
    try {
      await act();
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  const [first, ...others] = failures;
  if (first === undefined) {
    forgetSandbox(paths, containerId);
    return record.endpoints;
  }
  if ("cleanup" in first && Array.isArray(first.cleanup)) first.cleanup.push(...others);
  throw first;
}

function releaseActs(paths: EnginePaths, record: SandboxRecord): readonly (() => Promise<void> | void)[] {
  const { containerId, ports, endpoints } = record;
  return [
    () => stopNetd(helperPidPath(paths, containerId)),
    // An ordinary user's ports have no rules.
    () => {
      if (ports.length > 0 && endpoints.length > 0 && hasFirewall())
        hostFirewall(paths).unpublish(publishedPorts(record));
    },
    () => {
      if (endpoints.length > 0) forgetFlows(ports);
    },
    () => removeLinks(endpoints.flatMap(({ hostDevice }) => hostDevice ?? [])),
    () => removeNetns(netnsPath(paths, containerId)),
    () => withNetworksLock(paths, () => giveBack(paths, record)),
  ];
}

/** At once, and not when the kernel gets round to clearing up the namespace: the names may be wanted again. */
export function removeLinks(names: readonly string[]): void {
  if (names.length === 0) return;
  withNetlink(undefined, (socket) => {
    for (const name of names) deleteLink(socket, name);
  });
}

function giveBack(paths: EnginePaths, { containerId, ports, networkIds }: SandboxRecord): void {
  if (ports.length > 0) {
    writeClaims(
      paths,
      readClaims(paths).filter((claim) => claim.containerId !== containerId),
    );
  }
  for (const id of networkIds) leaveNetwork(paths, id, containerId);
}

/** Frees the container's addresses and names on a network. The caller holds the networks' lock. */
export function leaveNetwork(paths: EnginePaths, networkId: string, containerId: string): void {
  const before = readMembers(paths, networkId);
  const after = withoutMember(before, containerId);
  if (after.members.length < before.members.length) writeMembers(paths, networkId, after);
  const network = listNetworks(paths).find(({ id }) => id === networkId);
  if (network !== undefined) updateNames(paths, network);
}
