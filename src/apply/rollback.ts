import { RuntimeError, StateError } from "../base/errors.ts";
import { openContainer, readJournal, readState, removeStateDirectory } from "../state/store.ts";
import { close } from "../sys/descriptors.ts";
import { undoAll } from "./undo.ts";

/**
 * Leaves the host as it was before a create that failed: what the journal lists is taken back, and the container's
 * directory removed. What cannot be undone goes into the cause's `cleanup`, and never replaces it.
 */
export function rollBack(root: string, id: string, cause: RuntimeError): void {
  try {
    cause.cleanup.push(...undoContainer(root, id, true));
  } catch (error) {
    cause.cleanup.push(error instanceof Error ? error : new RuntimeError("ERR_INTERNAL", String(error)));
  }
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
