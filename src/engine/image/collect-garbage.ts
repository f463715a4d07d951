import { close } from "../../sys/descriptors.ts";
import { listDir, pathType, tryLockDir, unlink } from "../../sys/files.ts";
import { lookTree, openTree } from "../../sys/tree.ts";
import { listJson } from "../base/json-store.ts";
import { lockObject, lockPath, tryLockObject } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import { chainIds, digits, LAYER_FORMAT, layerRecordPath } from "../storage/layer-record.ts";
import { MOUNT_FORMAT } from "../storage/mount-record.ts";
import { removeOverlayDirectories } from "../storage/overlay-layout.ts";
import { sweepIngested } from "./blob-store.ts";
import type { Digest } from "./image.ts";
import { blobPath, readImageConfig } from "./image-config.ts";
import type { IndexEntry } from "./image-index.ts";
import { readManifest } from "./manifest.ts";
import { idOf } from "./resolve-image.ts";

/** What was removed, because nothing needs it any more. */
export interface Garbage {
  /** Blobs and chain ids of layers. */
  readonly removed: readonly Digest[];
  /** Of blobs and of layers' files. */
  readonly freedBytes: number;
}

/**
 * Removes blobs, extracted layers and leftovers that no entry and no container needs. The caller holds the store's
 * exclusive lock, and these entries become its index. What is being made is locked, and stays. Throws SystemError.
 */
export function collectGarbage(paths: EnginePaths, entries: readonly IndexEntry[]): Garbage {
  const needed = neededBy(paths, entries);
  // Without knowing all that is needed, nothing can be known to be garbage.
  if (needed === undefined) return { removed: [], freedBytes: 0 };
  const layers = removeLayers(paths, needed.chains);
  const blobs = removeBlobs(paths, needed.blobs);
  removeOrphans(paths);
  sweepIngested(paths);
  return {
    // The digest of an uncompressed layer is its chain id when it is the lowest.
    removed: [...new Set([...layers.removed, ...blobs.removed])],
    freedBytes: layers.freedBytes + blobs.freedBytes,
  };
}

interface Needed {
  readonly blobs: ReadonlySet<string>;
  readonly chains: ReadonlySet<string>;
}

function neededBy(paths: EnginePaths, entries: readonly IndexEntry[]): Needed | undefined {
  const blobs = new Set<string>();
  const chains = new Set<string>();
  for (const entry of entries) {
    blobs.add(entry.manifest.digest);
    try {
      const { config, layers } = readManifest(paths, entry.manifest.digest);
      for (const { digest } of [config, ...layers]) blobs.add(digest);
      for (const chainId of chainIds(readImageConfig(paths, idOf(paths, entry)).rootfs.diff_ids)) chains.add(chainId);
    } catch {
      return undefined;
    }
  }
  return { blobs, chains };
}

function removeLayers(paths: EnginePaths, needed: ReadonlySet<string>): Garbage {
  const used = new Set(listJson(paths.mounts, ".json", MOUNT_FORMAT).values.flatMap(({ value }) => value.lowerIds));
  const removed: Digest[] = [];
  let freedBytes = 0;
  for (const { name, value } of listJson(paths.layers, ".json", LAYER_FORMAT).values) {
    const chainId: Digest = `sha256:${name}`;
    if (needed.has(chainId) || used.has(value.cacheId)) continue;
    if (!removeLayer(paths, chainId, value.cacheId)) continue;
    removed.push(chainId);
    freedBytes += value.sizeBytes;
  }
  return { removed, freedBytes };
}

/** False where somebody is making an image with it, and holds the layer, or its directory until it does. */
function removeLayer(paths: EnginePaths, chainId: Digest, cacheId: string): boolean {
  const lock = tryLockObject(paths, "layer", digits(chainId));
  if (lock === undefined) return false;
  try {
    const isFree = withDirectoryLock(paths, cacheId, () => {
      unlink(layerRecordPath(paths, chainId));
      removeOverlayDirectories(paths, cacheId);
    });
    if (isFree) unlink(lockPath(paths, "layer", digits(chainId)));
    return isFree;
  } finally {
    lock.release();
  }
}

/** Does something unless another process holds the directory, which may be missing. Tells whether it did. */
function withDirectoryLock(paths: EnginePaths, id: string, act: () => void): boolean {
  const directory = `${paths.overlay2}/${id}`;
  const isThere = pathType(directory) !== undefined;
  const lock = isThere ? tryLockDir(directory) : undefined;
  if (isThere && lock === undefined) return false;
  try {
    act();
    return true;
  } finally {
    if (lock !== undefined) close(lock);
  }
}

function removeBlobs(paths: EnginePaths, needed: ReadonlySet<string>): Garbage {
  const directory = `${paths.image}/blobs/sha256`;
  if (pathType(directory) === undefined) return { removed: [], freedBytes: 0 };
  const unneeded = listDir(directory)
    .map((name): Digest => `sha256:${name}`)
    .filter((digest) => !needed.has(digest));
  let freedBytes = 0;
  const root = openTree(directory);
  try {
    for (const digest of unneeded) {
      freedBytes += lookTree(root, digits(digest))?.size ?? 0;
      unlink(blobPath(paths, digest));
    }
  } finally {
    close(root);
  }
  return { removed: unneeded, freedBytes };
}

/** Directories that no record knows: of a process that was killed, unless the directory is locked by one that lives. */
function removeOrphans(paths: EnginePaths): void {
  if (pathType(paths.overlay2) === undefined) return;
  const storage = lockObject(paths, "storage", "all");
  try {
    const known = knownDirectories(paths);
    for (const name of listDir(paths.overlay2)) {
      if (name === "l" || known?.has(name) !== false) continue;
      withDirectoryLock(paths, name, () => {
        // Its maker writes the record before it gives up the directory's lock.
        if (knownDirectories(paths)?.has(name) === false) removeOverlayDirectories(paths, name);
      });
    }
  } finally {
    storage.release();
  }
}

/** Undefined where a layer's record cannot be read: any directory can be that one's. */
function knownDirectories(paths: EnginePaths): ReadonlySet<string> | undefined {
  const layers = listJson(paths.layers, ".json", LAYER_FORMAT);
  if (layers.bad.length > 0) return undefined;
  const mounts = listJson(paths.mounts, ".json", MOUNT_FORMAT);
  return new Set([
    ...layers.values.map(({ value }) => value.cacheId),
    ...[...mounts.values, ...mounts.bad].flatMap(({ name }) => [name, `${name}-init`]),
  ]);
}
