import { parseStoredConfig } from "../config/stored-config.ts";
import type { StoredState } from "../state/schema.ts";
import { readJournal, removeStateDirectory } from "../state/store.ts";
import { runHooks } from "./hooks.ts";
import { killCgroup } from "./kill-cgroup.ts";
import { undoAll } from "./undo.ts";

/** A container to destroy: what was stored of it, as far as it can be read. */
export interface Remains {
  readonly directory: string;
  /** Undefined where it cannot be read. */
  readonly state: StoredState | undefined;
  readonly configText: string;
}

/**
 * Ends a container's processes, undoes its creation, and runs its poststop hooks; one that fails is told to `warn`.
 * Throws the first thing that cannot be undone. Source: runtime.md#lifecycle, steps 12 and 13.
 */
export async function destroyContainer(remains: Remains, warn: (error: Error) => void): Promise<void> {
  const { directory, state, configText } = remains;
  // Without a pid namespace of its own a container's other processes outlive its init. Until it is created its cgroups
  // may be others': undoing ends the processes in those that were made for it.
  if (state?.phase === "created") killCgroup(state.cgroup);
  const [failure] = undoAll(() => readJournal(directory), {
    rootfs: state?.rootfs ?? "/",
    isRollback: state?.phase === "creating",
  });
  if (failure !== undefined) throw failure;
  removeStateDirectory(directory);
  if (state !== undefined) await runPoststop(state, configText, warn);
}

/** A poststop hook that fails is told, and the others still run. Source: runtime.md#lifecycle, step 13. */
export async function runPoststop(state: StoredState, configText: string, warn: (error: Error) => void): Promise<void> {
  if (!configText.includes('"poststop"')) return;
  const config = parseStoredConfig(configText);
  await runHooks("poststop", config, { ...state, pid: 0 }, "stopped", warn);
}
