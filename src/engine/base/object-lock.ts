import { close } from "../../sys/descriptors.ts";
import { type LockKind, lockFile, makeDirs, tryLockFile } from "../../sys/files.ts";
import type { EnginePaths } from "./paths.ts";

/** What has locks: one for each object, and one for each store as a whole. */
export type LockedKind = "container" | "image-store" | "layer" | "network" | "network-store" | "storage" | "volume";

/** A held lock; `release` may be called again. The kernel releases it as well when the process ends in any way. */
export interface ObjectLock {
  readonly fd: number;
  readonly release: () => void;
}

/**
 * Waits for an object's lock. `id` is a full id, or a name that is safe as a file name. Lock files stay: they are empty,
 * and to remove one needs its exclusive lock. Throws SystemError. Source: flock(2).
 */
export function lockObject(paths: EnginePaths, kind: LockedKind, id: string, mode: LockKind = "exclusive"): ObjectLock {
  return held(lockFile(lockPath(paths, kind, id), mode));
}

/** As lockObject, but undefined at once where another's lock is in the way. */
export function tryLockObject(
  paths: EnginePaths,
  kind: LockedKind,
  id: string,
  mode: LockKind = "exclusive",
): ObjectLock | undefined {
  const fd = tryLockFile(lockPath(paths, kind, id), mode);
  return fd === undefined ? undefined : held(fd);
}

/** Does something while it holds the lock. */
export async function withObjectLock<T>(
  paths: EnginePaths,
  kind: LockedKind,
  id: string,
  act: () => T | Promise<T>,
  mode: LockKind = "exclusive",
): Promise<T> {
  const lock = lockObject(paths, kind, id, mode);
  try {
    return await act();
  } finally {
    lock.release();
  }
}

/** Where an object's lock file is; whoever removes the object may remove it too, holding the exclusive lock. */
export function lockPath({ locks }: EnginePaths, kind: LockedKind, id: string): string {
  makeDirs(locks, 0o700);
  return `${locks}/${kind}-${id}.lock`;
}

function held(fd: number): ObjectLock {
  let isHeld = true;
  return {
    fd,
    release: () => {
      if (isHeld) close(fd);
      isHeld = false;
    },
  };
}
