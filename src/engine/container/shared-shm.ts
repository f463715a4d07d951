import { MOUNT_ATTR } from "../../linux/mount-flags.ts";
import { makeDirs } from "../../sys/files.ts";
import { mountFilesystem, unmount } from "../../sys/mounts.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { isMounted } from "../storage/rootfs-store.ts";
import type { ContainerRecord } from "./record.ts";
import { findContainer, runDirectory } from "./store.ts";

const SHAREABLE = "shareable";

/**
 * The directory that is to be a container's /dev/shm where it shares an IPC namespace: a filesystem that is mounted on the
 * host, since no other container may mount what is in a container's own mount namespace. Makes that of a container which
 * others may join; undefined for one that shares nothing. Throws EngineError where the other one cannot be joined.
 */
export function sharedShm(paths: EnginePaths, { id, hostConfig }: ContainerRecord): string | undefined {
  const { IpcMode: mode, ShmSize: size } = hostConfig;
  if (mode === SHAREABLE) return mountShm(shmDirectory(paths, id), size);
  return mode.startsWith("container:") ? shmOf(paths, mode.slice("container:".length)) : undefined;
}

/** Nothing to do where there is none. */
export function releaseShm(paths: EnginePaths, { id, hostConfig }: ContainerRecord): void {
  const directory = shmDirectory(paths, id);
  if (hostConfig.IpcMode === SHAREABLE && isMounted(directory)) unmount(directory, true);
}

function shmDirectory(paths: EnginePaths, id: string): string {
  return `${runDirectory(paths, id)}/shm`;
}

function mountShm(target: string, size: number): string {
  makeDirs(target, 0o700);
  const attributes = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;
  const options = [
    ["source", "shm"],
    ["mode", "1777"],
    ["size", String(size)],
  ] as const;
  if (!isMounted(target)) mountFilesystem({ type: "tmpfs", options, attributes, target });
  return target;
}

function shmOf(paths: EnginePaths, word: string): string {
  const { id, hostConfig } = findContainer(paths, word);
  if (hostConfig.IpcMode === SHAREABLE) return shmDirectory(paths, id);
  const hint = "non-shareable IPC (hint: use IpcMode:shareable for the donor container)";
  throw new EngineError(`can't join IPC of container ${id}: ${hint}`, { code: "ERR_CONFLICT", flag: "--ipc" });
}
