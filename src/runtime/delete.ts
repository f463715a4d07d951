import { destroyContainer } from "../apply/destroy.ts";
import { StateError } from "../base/errors.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { type OpenContainer, openContainer, readState, readStoredConfig } from "../state/store.ts";
import { close } from "../sys/descriptors.ts";
import type { DeleteOptions, RuntimeContext } from "./options.ts";

/**
 * Removes a stopped container: what `create` made, and nothing else; with `force` its processes are killed first.
 * Throws StateError. Source: runtime.md#delete.
 */
export async function deleteContainer(context: RuntimeContext, { id, force = false }: DeleteOptions): Promise<void> {
  let container: OpenContainer;
  try {
    container = openContainer(context.root, id);
  } catch (error) {
    if (force && error instanceof StateError && error.code === "ERR_CONTAINER_NOT_FOUND") return;
    throw error;
  }
  try {
    await remove(context, id, force, container.directory);
  } finally {
    close(container.lockFd);
  }
}

async function remove(context: RuntimeContext, id: string, force: boolean, directory: string): Promise<void> {
  const state = readStateOrNothing(context.root, id, force);
  if (state !== undefined && !force) requireStatus("delete", id, statusOf(state, directory, true));
  const configText = readStoredConfig(context.root, id);
  await destroyContainer({ directory, state, configText }, (error) => context.warn(error.message));
}

/** What cannot be read must still be removable. */
function readStateOrNothing(root: string, id: string, force: boolean): StoredState | undefined {
  try {
    return readState(root, id);
  } catch (error) {
    if (force && error instanceof StateError) return undefined;
    throw error;
  }
}
