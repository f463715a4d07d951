import { listDir, pathType } from "../../../sys/files.ts";
import { removeNetns } from "../../../sys/network-namespaces.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { updateNames } from "../dns/name-server.ts";
import { listNetworks } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import { releaseSandbox } from "./release-sandbox.ts";
import { listSandboxes, netnsPath } from "./sandbox-record.ts";

/** Runs `act` where the container has ended and nobody starts it meanwhile; says whether. */
export type IfEnded = (containerId: string, act: () => Promise<unknown>) => Promise<boolean>;

export async function recoverNetworks(paths: EnginePaths, ifEnded: IfEnded): Promise<readonly string[]> {
  const recovered: string[] = [];
  // A namespace is bound when its sandbox is on record: what is bound is looked at first.
  const bound = pathType(paths.netns) === undefined ? [] : listDir(paths.netns);
  const known = listSandboxes(paths);
  for (const containerId of known) {
    if (await ifEnded(containerId, () => releaseSandbox(paths, containerId))) recovered.push(containerId);
  }
  for (const containerId of bound.filter((id) => !known.includes(id))) {
    removeNetns(netnsPath(paths, containerId));
    recovered.push(containerId);
  }
  // Name servers that have ended start again; those whose networks are empty end.
  await withNetworksLock(paths, () => {
    for (const network of listNetworks(paths)) updateNames(paths, network);
  });
  return recovered;
}
