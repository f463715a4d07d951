import type { EnginePaths } from "../../base/paths.ts";
import { updateNames } from "../dns/name-server.ts";
import { readMembers, writeMembers } from "../endpoint-store.ts";
import { listNetworks } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import { readClaims, writeClaims } from "../ports/port-store.ts";
import { readSandbox, writeSandbox } from "./sandbox-record.ts";

export async function renameSandbox(paths: EnginePaths, containerId: string, name: string): Promise<void> {
  await withNetworksLock(paths, () => {
    const record = readSandbox(paths, containerId);
    if (record === undefined) return;
    writeSandbox(paths, { ...record, request: { ...record.request, name } });
    const claims = readClaims(paths);
    const isOwn = (each: { readonly containerId: string }): boolean => each.containerId === containerId;
    if (claims.some(isOwn)) {
      writeClaims(
        paths,
        claims.map((claim) => (isOwn(claim) ? { ...claim, containerName: name } : claim)),
      );
    }
    for (const network of listNetworks(paths).filter(({ id }) => record.networkIds.includes(id))) {
      const { members, ...rest } = readMembers(paths, network.id);
      const renamed = members.map((member) => (isOwn(member) ? { ...member, name } : member));
      writeMembers(paths, network.id, { ...rest, members: renamed });
      updateNames(paths, network);
    }
  });
}
