import { runHooks } from "../apply/hooks.ts";
import { killCgroup } from "../apply/kill-cgroup.ts";
import { undoAll } from "../apply/undo.ts";
import { StateError } from "../base/errors.ts";
import { parseConfig } from "../config/parse-config.ts";
import type { Config } from "../config/types.gen.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import {
  type OpenContainer,
  openContainer,
  readJournal,
  readState,
  readStoredConfig,
  removeStateDirectory,
} from "../state/store.ts";
import { close } from "../sys/descriptors.ts";
import type { DeleteOptions, RuntimeContext } from "./options.ts";

/**
 * Removes a stopped container: what `create` made, and nothing else; with `force` its processes are killed first.
 * Throws StateError. Source: runtime.md#delete.
 */
export async function deleteContainer(context: RuntimeContext, { id, force }: DeleteOptions): Promise<void> {
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
  const config = readStoredConfig(context.root, id);
  // Without a pid namespace of its own a container's other processes outlive its init.
  if (state !== undefined) killCgroup(state.cgroup);
  const failures = undoAll(() => readJournal(directory), {
    rootfs: state?.rootfs ?? "/",
    isRollback: state?.phase === "creating",
  });
  const [first] = failures;
  if (first !== undefined) throw first;
  removeStateDirectory(directory);
  if (state !== undefined && config.includes('"poststop"')) await poststop(context, config, state);
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

/** A poststop hook that fails is a warning, and the others still run. Source: runtime.md#lifecycle, step 13. */
async function poststop(context: RuntimeContext, configText: string, state: StoredState): Promise<void> {
  const config = parseConfig(configText) as Config; // checked when it was stored
  await runHooks("poststop", config, { ...state, pid: 0 }, "stopped", (error) => context.warn(error.message));
}
