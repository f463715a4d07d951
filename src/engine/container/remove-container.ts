import { EngineError } from "../base/errors.ts";
import { withObjectLock } from "../base/object-lock.ts";
import { removeRootfs } from "../storage/rootfs-store.ts";
import type { EngineContext } from "./engine-context.ts";
import { finishUnlocked, isUnfinished } from "./finish-container.ts";
import type { ContainerRecord } from "./record.ts";
import { releaseResources } from "./release-resources.ts";
import { removeUnlocked } from "./remove-unlocked.ts";
import { liveStatus } from "./status.ts";
import { stopContainer } from "./stop-container.ts";
import { claimedName, openContainer, readContainer, removeContainerFiles, sweepContainerLocks } from "./store.ts";

export interface RemoveOptions {
  readonly force: boolean;
  /** The anonymous volumes go as well. */
  readonly withVolumes: boolean;
}

/** Removes a container with its layer. Throws EngineError where it runs and is not to be killed. */
export async function removeContainer(
  context: EngineContext,
  id: string,
  { force, withVolumes }: RemoveOptions,
): Promise<void> {
  const { paths } = context;
  for (;;) {
    if (force) await stopContainer(context, id, { signal: "KILL", timeoutSeconds: -1, isRemoval: true });
    // It may have removed itself.
    if (force && readContainer(paths, id) === undefined) return;
    const { record, lock } = openContainer(paths, id);
    try {
      const { status } = liveStatus(paths, record);
      if (status === "running" || status === "paused" || status === "restarting") {
        if (force) continue; // somebody started it meanwhile
        throw refusal(record, status);
      }
      // Its monitor is about to, and would find nothing to clear up after any more.
      if (isUnfinished(paths, record)) {
        await finishUnlocked(context, record);
        if (readContainer(paths, id) === undefined) return;
        continue;
      }
      if (record.life.isKept === true) await releaseResources(context, record);
      await removeUnlocked(context, record, { withVolumes });
      return;
    } finally {
      lock.release();
    }
  }
}

function refusal({ name }: ContainerRecord, status: string): EngineError {
  const advice =
    status === "paused"
      ? "unpause and then stop the container before removing or force remove"
      : "stop the container before removing or force remove";
  return new EngineError(`cannot remove container "/${name}": container is ${status}: ${advice}`, {
    code: "ERR_CONFLICT",
  });
}

/** Removes what a crash has left of containers that were never finished. Gives their ids. */
export async function removeLeftovers({ paths }: EngineContext, ids: readonly string[]): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const id of ids) {
    if (readContainer(paths, id) !== undefined) continue;
    await withObjectLock(paths, "container", id, async () => {
      if (readContainer(paths, id) !== undefined) return;
      await removeRootfs(paths, id);
      removeContainerFiles(paths, { id, name: claimedName(paths, id) });
      removed.push(id);
    });
  }
  sweepContainerLocks(paths);
  return removed;
}
