import { close } from "../../sys/descriptors.ts";
import { pathType, unlink } from "../../sys/files.ts";
import { unmount } from "../../sys/mounts.ts";
import { lookTree, openTree, removeTree } from "../../sys/tree.ts";
import { EngineError } from "../base/errors.ts";
import { withObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ImageId } from "../image/image.ts";
import { chooseDriver, chooseDriverOn } from "./choose-driver.ts";
import {
  allLowerIds,
  containerDirectories,
  initId,
  limitedDirectory,
  requireMountRecord,
} from "./container-directories.ts";
import { imageLayers } from "./image-layers.ts";
import { makeInitLayer } from "./init-layer.ts";
import { type MountRecord, mountRecordPath, readMountRecord, writeMountRecord } from "./mount-record.ts";
import { makeOverlayDirectory, overlayDirectory, removeOverlayDirectories } from "./overlay-layout.ts";
import { mountOverlay } from "./overlay-mount.ts";
import type { RootfsChange } from "./rootfs-changes.ts";
import type { GraphDriver, StorageDriver } from "./storage-driver.ts";

export type { RootfsChange };

/** The root filesystem of a container. */
export interface ContainerRootfs {
  readonly merged: string;
  /** Where its own files are. */
  readonly upper: string;
  readonly driver: StorageDriver;
  readonly graphDriver: GraphDriver;
  /** The image that it is made from; undefined for a directory (`--rootfs`). */
  readonly imageId: ImageId | undefined;
}

export interface CreateRootfsRequest {
  readonly containerId: string;
  readonly image?: ImageId;
  /** A directory that is the lower layer and is never written to; absolute. */
  readonly rootfs?: string;
  /** The size of the container's own layer in bytes. */
  readonly storageSizeBytes?: number;
  /**
   * The container goes with its end (`--rm`): nothing is brought to the disk for it, which would take as long as all that
   * others have to write.
   */
  readonly isEphemeral?: boolean;
}

/**
 * Makes a container's own layer and its init layer on an image or a directory. Nothing is mounted. The image cannot go
 * from then on. On failure nothing is left. Throws EngineError, SystemError.
 */
export async function createRootfs(paths: EnginePaths, request: CreateRootfsRequest): Promise<void> {
  await withObjectLock(paths, "image-store", "all", () => create(paths, request), "shared");
}

async function create(paths: EnginePaths, request: CreateRootfsRequest): Promise<void> {
  const { containerId, image, rootfs } = request;
  if (readMountRecord(paths, containerId) !== undefined) {
    throw new EngineError(`Cannot make the layers of container ${containerId}: it has some`, { code: "ERR_CONFLICT" });
  }
  const { lowerIds, initItems } = await imageLayers(paths, { image, rootfs });
  const driver = rootfs === undefined ? chooseDriver(paths).driver : chooseDriverOn(paths, rootfs);
  const record = await newRecord(request, driver, lowerIds);
  writeMountRecord(paths, containerId, record);
  try {
    if (rootfs === undefined) {
      const init = makeOverlayDirectory(paths, initId(containerId), lowerIds, false);
      makeInitLayer(init.diff, initItems);
    }
    makeOverlayDirectory(paths, containerId, allLowerIds(containerId, record), true);
    if (record.sizeLimit !== undefined) {
      (await import("./size-limit.ts")).makeLimited(limitedDirectory(paths, containerId), record.sizeLimit);
    }
    const { lowers, merged } = containerDirectories(paths, containerId, record);
    if (record.driver === "vfs") await (await import("./copy-layers.ts")).copyLayers(lowers, merged);
  } catch (error) {
    await removeRootfs(paths, containerId);
    throw error;
  }
}

async function newRecord(
  request: CreateRootfsRequest,
  driver: StorageDriver,
  lowerIds: readonly string[],
): Promise<MountRecord> {
  const { image, rootfs, isEphemeral, storageSizeBytes } = request;
  if (storageSizeBytes !== undefined && driver === "vfs") {
    throw new EngineError("Cannot limit the size of a container: the storage driver vfs has no layer of its own", {
      code: "ERR_NOT_SUPPORTED",
      flag: "--storage-opt",
    });
  }
  return {
    driver,
    lowerIds,
    ...(image === undefined ? {} : { imageId: image }),
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(isEphemeral === true ? { isVolatile: true } : {}),
    ...(storageSizeBytes === undefined
      ? {}
      : { sizeLimit: (await import("./size-limit.ts")).chooseSizeLimit(storageSizeBytes) }),
  };
}

/** Mounts a container's root filesystem, unless it is. Gives its path. Throws EngineError, SystemError. */
export async function mountRootfs(paths: EnginePaths, containerId: string): Promise<string> {
  const record = requireMountRecord(paths, containerId);
  const directories = containerDirectories(paths, containerId, record);
  const { merged, upper, work, lowers, shortLowers } = directories;
  if (record.driver === "vfs" || isMounted(merged)) return merged;
  await mountLimit(paths, containerId, record);
  // Left by a volatile mount: the kernel takes no layer that may miss data, and here nobody counts on it.
  if (record.isVolatile === true) removeTree(`${work}/work/incompat`);
  if (record.driver === "fuse-overlayfs") (await import("./fuse-mount.ts")).mountFuseOverlay(directories);
  else {
    const isVolatile = record.isVolatile === true;
    mountOverlay({ lowers, upper, work, target: merged, isVolatile, relativeTo: paths.overlay2, shortLowers });
  }
  return merged;
}

async function mountLimit(paths: EnginePaths, containerId: string, { sizeLimit }: MountRecord): Promise<void> {
  if (sizeLimit === undefined) return;
  (await import("./size-limit.ts")).mountLimited(limitedDirectory(paths, containerId), sizeLimit);
}

/** Whether a container's root filesystem is mounted: its container runs, or is about to. */
export function isRootfsMounted(paths: EnginePaths, containerId: string): boolean {
  return isMounted(overlayDirectory(paths, containerId).merged);
}

/** Unmounts it where it is mounted: at once, or when nobody uses it any more. */
export async function unmountRootfs(paths: EnginePaths, containerId: string): Promise<void> {
  const { merged } = overlayDirectory(paths, containerId);
  const limited = limitedDirectory(paths, containerId);
  const sizeLimit = pathType(limited) === undefined ? undefined : readMountRecord(paths, containerId)?.sizeLimit;
  while (isMounted(merged)) unmount(merged, true);
  // What is in memory would be lost.
  if (sizeLimit?.by === "loop-ext4") while (isMounted(limited)) unmount(limited, true);
}

/** Removes all that createRootfs has made, also what a crash has left of it. What is gone already is fine. */
export async function removeRootfs(paths: EnginePaths, containerId: string): Promise<void> {
  await unmountRootfs(paths, containerId);
  const limited = limitedDirectory(paths, containerId);
  while (isMounted(limited)) unmount(limited, true);
  removeOverlayDirectories(paths, containerId, initId(containerId));
  removeTree(`${paths.vfs}/${containerId}`);
  const record = mountRecordPath(paths, containerId);
  if (pathType(record) !== undefined) unlink(record);
}

/** What `inspect` shows of it. Throws EngineError where the container has no record. */
export async function describeRootfs(paths: EnginePaths, containerId: string): Promise<ContainerRootfs> {
  const record = requireMountRecord(paths, containerId);
  const { driver, imageId } = record;
  const { merged, upper, work, lowers } = containerDirectories(paths, containerId, record);
  const Data =
    driver === "vfs" ? {} : { LowerDir: lowers.join(":"), MergedDir: merged, UpperDir: upper, WorkDir: work };
  return { merged, upper, driver, graphDriver: { Name: driver, Data }, imageId };
}

/** What a container has changed in its files; its root filesystem need not be mounted. Throws EngineError, SystemError. */
export async function rootfsChanges(paths: EnginePaths, containerId: string): Promise<readonly RootfsChange[]> {
  const record = requireMountRecord(paths, containerId);
  const { upper, lowers } = containerDirectories(paths, containerId, record);
  await mountLimit(paths, containerId, record);
  const { layerChanges } = await import("./rootfs-changes.ts");
  return layerChanges(upper, lowers, record.driver === "vfs");
}

/** A mount's root is on another filesystem than the directory above it. */
export function isMounted(path: string): boolean {
  if (pathType(path) === undefined) return false;
  return deviceOf(path) !== deviceOf(path.slice(0, path.lastIndexOf("/")));
}

function deviceOf(path: string): number | undefined {
  const fd = openTree(path);
  try {
    return lookTree(fd, ".")?.device;
  } finally {
    close(fd);
  }
}
