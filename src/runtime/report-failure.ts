import { readFailure } from "../apply/carry-out.ts";
import { rollBack } from "../apply/rollback.ts";
import { openContainer, readJournal, readState, removeStateDirectory } from "../state/store.ts";
import { undoAll } from "../apply/undo.ts";
import { close } from "../sys/descriptors.ts";
import type { RuntimeContext } from "./options.ts";

export interface FailureReport {
  /** The verb that failed. */
  readonly verb: string;
  readonly id: string;
  /** What the static program appended to reportArgv: "failure" or "warning", a descriptor, the exit status so far. */
  readonly record: readonly string[];
}

/**
 * What the static program hands back when a step has failed. Before the container ran: undoes and throws StepError.
 * After its end: warns, removes what is left, and gives the container's exit status.
 */
export function reportFailure(context: RuntimeContext, { id, record }: FailureReport): number {
  const [kind, descriptor, status] = record;
  const error = readFailure(Number(descriptor));
  if (kind !== "warning") {
    rollBack(context.root, id, error);
    throw error;
  }
  context.warn(error.message);
  removeLeftovers(context, id);
  return Number(status);
}

function removeLeftovers(context: RuntimeContext, id: string): void {
  const { directory, lockFd } = openContainer(context.root, id);
  try {
    const { rootfs } = readState(context.root, id);
    const failures = undoAll(readJournal(directory), { rootfs, removeFromRootfs: false });
    for (const failure of failures) context.warn(failure.message);
    if (failures.length === 0) removeStateDirectory(directory);
  } finally {
    close(lockFd);
  }
}
