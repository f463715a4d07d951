import { RuntimeError, StateError } from "../base/errors.ts";
import type { StoredState } from "../state/schema.ts";
import { openContainer, readJournal, readState, readStoredConfig, removeStateDirectory } from "../state/store.ts";
import { close } from "../sys/descriptors.ts";
import { runPoststop } from "./destroy.ts";
import { undoAll } from "./undo.ts";

/**
 * Leaves the host as it was before a create that failed: what the journal lists is taken back, and the container's
 * directory removed. Where hooks may have run, those of poststop do as well. What goes wrong goes into the cause's
 * `cleanup`, and never replaces it. Source: runtime.md#lifecycle, steps 3 to 5, 12 and 13.
 */
export async function rollBack(root: string, id: string, cause: RuntimeError): Promise<void> {
  const fail = (error: unknown): void => {
    cause.cleanup.push(error instanceof Error ? error : new RuntimeError("ERR_INTERNAL", String(error)));
  };
  let made: MadeContainer | undefined;
  try {
    made = readMade(root, id);
  } catch (error) {
    fail(error);
  }
  try {
    undoContainer(root, id, true).forEach(fail);
    if (made !== undefined) await runPoststop(made.state, made.configText, fail);
  } catch (error) {
    fail(error);
  }
}

interface MadeContainer {
  readonly state: StoredState;
  readonly configText: string;
}

/** What was stored of a container that had a process: until there is one, no hook runs. */
function readMade(root: string, id: string): MadeContainer | undefined {
  const hadProcess = readJournal(`${root}/${id}`).some(({ undo }) => undo === "kill");
  return hadProcess ? { state: readState(root, id), configText: readStoredConfig(root, id) } : undefined;
}

/**
 * Undoes what the journal lists, and removes the container's directory unless something could not be undone; gives the
 * failures. Throws StateError.
 */
export function undoContainer(root: string, id: string, isRollback: boolean): readonly Error[] {
  const { directory, lockFd } = openContainer(root, id);
  try {
    const rootfs = rootfsOf(root, id);
    const failures = undoAll(() => readJournal(directory), {
      rootfs: rootfs ?? "/",
      isRollback: isRollback && rootfs !== undefined,
    });
    if (failures.length === 0) removeStateDirectory(directory);
    return failures;
  } finally {
    close(lockFd);
  }
}

/** Undefined where a removal that failed halfway has taken the state already: it is the last that is undone. */
function rootfsOf(root: string, id: string): string | undefined {
  try {
    return readState(root, id).rootfs;
  } catch (error) {
    if (error instanceof StateError && error.code === "ERR_STATE_CORRUPT") return undefined;
    throw error;
  }
}
