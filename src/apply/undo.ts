import { assertNever } from "../base/assert.ts";
import { SystemError } from "../base/errors.ts";
import { errnoName } from "../linux/errno.ts";
import type { UndoEntry } from "../state/journal.ts";
import { close, POLL_EVENTS, poll } from "../sys/descriptors.ts";
import { removeDir, removeInRoot, unlink } from "../sys/files.ts";
import { pidfdOpen, pidfdSend } from "../sys/processes.ts";
import { isProcessAlive } from "../sys/procfs.ts";
import { directoriesIn, killBelow } from "./kill-cgroup.ts";
import { stopScope } from "./stop-scope.ts";

const SIGKILL = 9;
const KILL_TIMEOUT_MS = 10_000;

/** What undoing needs to know beside the journal. */
export interface UndoContext {
  /** The container's root filesystem, as the host names it. */
  readonly rootfs: string;
  /** The container was never created: what would outlive it is taken back too, such as what was made inside its root. */
  readonly isRollback: boolean;
}

/**
 * Takes back what the journal lists, the last first. Processes come before all else, and the journal is read again
 * behind them: until they end they may add to it. Every undo tolerates that there is nothing left of it; what fails is
 * collected and does not stop the rest.
 */
export function undoAll(readEntries: () => readonly UndoEntry[], context: UndoContext): Error[] {
  const failures: Error[] = [];
  const forEach = (action: (entry: UndoEntry) => void): void => {
    for (const entry of readEntries().toReversed()) {
      try {
        action(entry);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  forEach((entry) => endProcesses(entry, context));
  forEach((entry) => undo(entry, context));
  return failures;
}

/** An init may be in the journal by nothing but the cgroup that it was born in, where its runtime was killed. */
function endProcesses(entry: UndoEntry, { isRollback }: UndoContext): void {
  if (entry.undo === "kill") killAndWait(entry.pid, entry.startTime);
  if ((entry.undo === "cgroup.rmdir" || entry.undo === "scope.stop") && isRollback) killBelow(entry.path);
}

function undo(entry: UndoEntry, { rootfs, isRollback }: UndoContext): void {
  switch (entry.undo) {
    case "kill":
      return;
    case "cgroup.rmdir":
      removeCgroup(entry.path);
      return;
    case "scope.stop":
      stopScope(entry.unit, entry.user);
      return;
    case "cgroup.release":
      ignoring(() => removeDir(entry.path), "ENOENT", "EBUSY", "ENOTEMPTY");
      return;
    case "rdt.rmdir":
      if (isRollback) ignoring(() => removeDir(entry.path), "ENOENT");
      return;
    case "unlink":
      ignoring(() => unlink(entry.path), "ENOENT");
      return;
    case "rmdir":
      ignoring(() => removeDir(entry.path), "ENOENT");
      return;
    case "rootfs.remove":
      if (isRollback) removeInRoot(rootfs, entry.path);
      return;
    default:
      assertNever(entry);
  }
}

function ignoring(action: () => void, ...names: readonly string[]): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof SystemError) || !names.includes(errnoName(error.failure.errno))) throw error;
  }
}

/** Kills the process that has this pid since this time, and waits until it has ended: 10 seconds at most. */
export function killAndWait(pid: number, startTime: number): void {
  const fd = pidfdOpen(pid);
  if (fd === undefined) return;
  try {
    if (!isProcessAlive(pid, startTime)) return;
    pidfdSend(fd, SIGKILL);
    poll([{ fd, events: POLL_EVENTS.readable }], KILL_TIMEOUT_MS);
  } finally {
    close(fd);
  }
}

const REMOVE_ATTEMPTS = 10;

/**
 * Removes a cgroup and those that the container has made below it, which are looked for where it is busy. It stays so for a
 * moment after its last process.
 */
export function removeCgroup(path: string): void {
  for (let attempt = 1, waitMs = 1; ; attempt++, waitMs *= 2) {
    try {
      ignoring(() => removeDir(path), "ENOENT", "ENOTDIR");
      return;
    } catch (error) {
      if (!isBusy(error) || attempt === REMOVE_ATTEMPTS) throw error;
      if (!removesBelow(path)) poll([], waitMs);
    }
  }
}

/** ENOTEMPTY is what other file systems say. */
function isBusy(error: unknown): boolean {
  return error instanceof SystemError && ["EBUSY", "ENOTEMPTY"].includes(errnoName(error.failure.errno));
}

/** Whether there was anything to remove. */
function removesBelow(path: string): boolean {
  const paths = directoriesIn(path);
  paths.forEach(removeCgroup);
  return paths.length > 0;
}
