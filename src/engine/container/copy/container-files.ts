import { O_PATH, OPEN_DIRECTORY } from "../../../linux/open-flags.ts";
import { close } from "../../../sys/descriptors.ts";
import { openFile, openInRoot } from "../../../sys/files.ts";
import { bindMount } from "../../../sys/mounts.ts";
import { makeEntry, openTree, toByteString } from "../../../sys/tree.ts";
import { WHITEOUT } from "../../archive/whiteout.ts";
import { EngineError } from "../../base/errors.ts";
import { withObjectLock } from "../../base/object-lock.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { mountRootfs } from "../../storage/rootfs-store.ts";
import { withMountedRootfs } from "../../storage/with-mounted-rootfs.ts";
import type { ContainerRecord, MountPoint } from "../record.ts";
import { livePid } from "../status.ts";
import { isErrno } from "../store.ts";

const ENOENT = 2;

/** Whether a container's files can only be shown by mounts of this process's own: its volumes are not mounted now. */
export function needsOwnMounts(paths: EnginePaths, { id, mounts, hostConfig }: ContainerRecord): boolean {
  return livePid(paths, id) === undefined && (mounts.length > 0 || hostConfig.ReadonlyRootfs);
}

/**
 * Does something with the root of a container as it sees it, volumes included: a running one's own root, else its mounted
 * layers, and what is to be mounted in them in this process's own mount namespace (`hasOwnMounts`).
 */
export async function withContainerFiles<T>(
  paths: EnginePaths,
  record: ContainerRecord,
  hasOwnMounts: boolean,
  act: (root: string) => Promise<T>,
): Promise<T> {
  const root = openLiveRoot(paths, record.id);
  if (root === undefined) return await withStoppedFiles(paths, record, hasOwnMounts, act);
  try {
    return await act(`/proc/self/fd/${root}`);
  } finally {
    close(root);
  }
}

/** The root of the first process, in its own mount namespace. */
function openLiveRoot(paths: EnginePaths, id: string): number | undefined {
  const pid = livePid(paths, id);
  if (pid === undefined) return undefined;
  const root = openFile(`/proc/${pid}/root`, OPEN_DIRECTORY);
  // Another process may have the pid by now.
  if (livePid(paths, id) === pid) return root;
  close(root);
  return undefined;
}

async function withStoppedFiles<T>(
  paths: EnginePaths,
  record: ContainerRecord,
  hasOwnMounts: boolean,
  act: (root: string) => Promise<T>,
): Promise<T> {
  return await withObjectLock(paths, "container", record.id, async () => {
    if (livePid(paths, record.id) !== undefined) {
      throw new EngineError(`container ${record.name} was started meanwhile`, { code: "ERR_CONTAINER_STATUS" });
    }
    if (!hasOwnMounts) return await withMountedRootfs(paths, record.id, act);
    const merged = await mountRootfs(paths, record.id);
    for (const point of record.mounts) {
      if (point.Name !== undefined) (await import("../mount-volume.ts")).showVolume(paths, point.Name);
      if (point.Type !== "tmpfs") mountAt(merged, point);
    }
    if (record.hostConfig.ReadonlyRootfs) makeReadonly(merged, record.mounts);
    return await act(merged);
  });
}

function mountAt(merged: string, { Source, Destination, RW }: MountPoint): void {
  const target = openMountPoint(merged, Destination);
  try {
    bindMount(Source, `/proc/self/fd/${target}`, !RW);
  } finally {
    close(target);
  }
}

/** A container that was never started may not have it yet. */
function openMountPoint(merged: string, destination: string): number {
  try {
    return openInRoot(merged, destination, O_PATH);
  } catch (error) {
    if (!isErrno(error, ENOENT)) throw error;
  }
  const root = openTree(merged);
  try {
    makeEntry(root, toByteString(destination.slice(1)), { ...WHITEOUT, kind: "directory", mode: 0o755 });
  } finally {
    close(root);
  }
  return openInRoot(merged, destination, O_PATH);
}

/** All of it, and over it once more what may be written to. */
function makeReadonly(merged: string, mounts: readonly MountPoint[]): void {
  bindMount(merged, merged, true);
  for (const point of mounts) if (point.RW && point.Type !== "tmpfs") mountAt(merged, point);
}
