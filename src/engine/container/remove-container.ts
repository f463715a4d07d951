import { EngineError } from "../base/errors.ts";
import { withObjectLock } from "../base/object-lock.ts";
import { removeRootfs } from "../storage/rootfs-store.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import type { ContainerRecord } from "./record.ts";
import { liveStatus } from "./status.ts";
import { stopContainer } from "./stop-container.ts";
import {
  claimedName,
  openContainer,
  readContainer,
  removeContainerFiles,
  sweepContainerLocks,
  writeContainer,
} from "./store.ts";
import { volumeUsers } from "./volume-users.ts";
import { removeVolume } from "./volumes.ts";

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
    if (force) await stopContainer(context, id, { signal: "KILL", timeoutSeconds: 0 });
    // It may have removed itself.
    if (force && readContainer(paths, id) === undefined) return;
    const { record, lock } = openContainer(paths, id);
    try {
      const { status } = liveStatus(paths, record);
      if (status === "running" || status === "paused" || status === "restarting") {
        if (force) continue; // somebody started it meanwhile
        throw refusal(record, status);
      }
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

/** For whoever holds the container's lock. What a crash leaves in the middle is taken up by the next removal. */
export async function removeUnlocked(
  context: EngineContext,
  record: ContainerRecord,
  { withVolumes }: { readonly withVolumes: boolean },
): Promise<void> {
  const { paths, warn } = context;
  writeContainer(paths, { ...record, life: { ...record.life, phase: "removing" } });
  await removeRootfs(paths, record.id);
  const anonymous = withVolumes
    ? record.mounts.flatMap(({ IsAnonymous, Name }) => (IsAnonymous === true && Name !== undefined ? [Name] : []))
    : [];
  removeContainerFiles(paths, record);
  for (const name of anonymous) {
    const users = volumeUsers(paths, name, warn);
    // A volume that another container shares stays.
    if (users.length === 0) await removeVolume(paths, name, []);
  }
  noteContainerEvent(paths, record, "destroy");
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
