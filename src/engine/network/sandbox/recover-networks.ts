import { listDir, pathType } from "../../../sys/files.ts";
import { removeNetns } from "../../../sys/network-namespaces.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { updateNames } from "../dns/name-server.ts";
import { listNetworks } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import { releaseSandbox } from "./release-sandbox.ts";
import { listSandboxes, netnsPath } from "./sandbox-record.ts";

export async function recoverNetworks(paths: EnginePaths, living: ReadonlySet<string>): Promise<readonly string[]> {
  const dead = listSandboxes(paths).filter((containerId) => !living.has(containerId));
  for (const containerId of dead) await releaseSandbox(paths, containerId);
  const known = new Set(listSandboxes(paths));
  const bound = pathType(paths.netns) === undefined ? [] : listDir(paths.netns);
  const orphans = bound.filter((containerId) => !known.has(containerId));
  for (const containerId of orphans) removeNetns(netnsPath(paths, containerId));
  // Name servers that have ended start again; those whose networks are empty end.
  await withNetworksLock(paths, () => {
    for (const network of listNetworks(paths)) updateNames(paths, network);
  });
  return [...new Set([...dead, ...orphans])];
}
