import { attempt } from "./native.ts";

/** Network namespaces by path. The engine's own threads never join one: native/addon_net.c. Throws SystemError. */

/** Makes a network namespace that lives as long as it is bound to the path, which must be free. */
export function makeNetns(path: string): void {
  attempt(`create the network namespace "${path}"`, (addon) => addon.makeNetns(path));
}

/** Unbinds it, and removes the path. Does nothing where it is gone. */
export function removeNetns(path: string): void {
  attempt(`remove the network namespace "${path}"`, (addon) => addon.removeNetns(path));
}
