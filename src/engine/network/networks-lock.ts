import { withObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";

/**
 * Does something while no other process changes networks, addresses, names or published ports. One lock for all of them:
 * the names of one network are told on others, and a port is the host's. What is done under it takes milliseconds.
 */
export async function withNetworksLock<T>(paths: EnginePaths, act: () => T | Promise<T>): Promise<T> {
  return await withObjectLock(paths, "network-store", "all", act);
}
