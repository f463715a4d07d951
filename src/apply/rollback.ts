import { RuntimeError } from "../base/errors.ts";
import { readJournal, readState, removeStateDirectory } from "../state/store.ts";
import { undoAll } from "./undo.ts";

/**
 * Leaves the host as it was before a create that failed: what the journal lists is taken back, and the container's
 * directory removed. What cannot be undone goes into the cause's `cleanup`, and never replaces it.
 */
export function rollBack(root: string, id: string, cause: RuntimeError): void {
  const directory = `${root}/${id}`;
  try {
    const { rootfs } = readState(root, id);
    cause.cleanup.push(...undoAll(readJournal(directory), { rootfs, removeFromRootfs: true }));
    if (cause.cleanup.length === 0) removeStateDirectory(directory);
  } catch (error) {
    cause.cleanup.push(error instanceof Error ? error : new RuntimeError("ERR_INTERNAL", String(error)));
  }
}
