import { close } from "../../sys/descriptors.ts";
import { pathType, unlink } from "../../sys/files.ts";
import { unmount } from "../../sys/mounts.ts";
import { lookTree, openTree, removeTree } from "../../sys/tree.ts";
import { EngineError } from "../base/errors.ts";
import { withObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ImageId } from "../image/image.ts";
import { imageLayers } from "./image-layers.ts";
import { makeInitLayer } from "./init-layer.ts";
import { type MountRecord, mountRecordPath, readMountRecord, writeMountRecord } from "./mount-record.ts";
import { makeOverlayDirectory, overlayDirectory, removeOverlayDirectory, shortName } from "./overlay-layout.ts";
import { mountOverlay } from "./overlay-mount.ts";
import type { GraphDriver, StorageDriver } from "./storage-driver.ts";

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
  const { containerId, image, rootfs, isEphemeral } = request;
  if (readMountRecord(paths, containerId) !== undefined) {
    throw new EngineError(`Cannot make the layers of container ${containerId}: it has some`, { code: "ERR_CONFLICT" });
  }
  const { lowerIds, initItems } = await imageLayers(paths, { image, rootfs });
  const record: MountRecord = {
    driver: "overlay2",
    lowerIds,
    ...(image === undefined ? {} : { imageId: image }),
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(isEphemeral === true ? { isVolatile: true } : {}),
  };
  writeMountRecord(paths, containerId, record);
  try {
    if (rootfs === undefined) {
      const init = makeOverlayDirectory(paths, initId(containerId), lowerIds, false);
      makeInitLayer(init.diff, initItems);
    }
    makeOverlayDirectory(paths, containerId, allLowerIds(containerId, record), true);
  } catch (error) {
    await removeRootfs(paths, containerId);
    throw error;
  }
}

/** Mounts a container's root filesystem, unless it is. Gives its path. Throws EngineError, SystemError. */
export async function mountRootfs(paths: EnginePaths, containerId: string): Promise<string> {
  const record = requireRecord(paths, containerId);
  const { merged, diff, work } = overlayDirectory(paths, containerId);
  if (isMounted(merged)) return merged;
  // Left by a volatile mount: the kernel takes no layer that may miss data, and here nobody counts on it.
  if (record.isVolatile === true) removeTree(`${work}/work/incompat`);
  const ids = allLowerIds(containerId, record);
  const rootfs = record.rootfs === undefined ? [] : [record.rootfs];
  mountOverlay({
    lowers: [...ids.map((id) => overlayDirectory(paths, id).diff), ...rootfs],
    upper: diff,
    work,
    target: merged,
    isVolatile: record.isVolatile === true,
    relativeTo: paths.overlay2,
    shortLowers: [...ids.map((id) => shortName(paths, id) ?? `${id}/diff`), ...rootfs],
  });
  return merged;
}

/** Whether a container's root filesystem is mounted: its container runs, or is about to. */
export function isRootfsMounted(paths: EnginePaths, containerId: string): boolean {
  return isMounted(overlayDirectory(paths, containerId).merged);
}

/** Unmounts it where it is mounted: at once, or when nobody uses it any more. */
export async function unmountRootfs(paths: EnginePaths, containerId: string): Promise<void> {
  const { merged } = overlayDirectory(paths, containerId);
  while (isMounted(merged)) unmount(merged, true);
}

/** Removes all that createRootfs has made, also what a crash has left of it. What is gone already is fine. */
export async function removeRootfs(paths: EnginePaths, containerId: string): Promise<void> {
  await unmountRootfs(paths, containerId);
  removeOverlayDirectory(paths, containerId);
  removeOverlayDirectory(paths, initId(containerId));
  const record = mountRecordPath(paths, containerId);
  if (pathType(record) !== undefined) unlink(record);
}

/** What `inspect` shows of it. Throws EngineError where the container has no record. */
export async function describeRootfs(paths: EnginePaths, containerId: string): Promise<ContainerRootfs> {
  const record = requireRecord(paths, containerId);
  const { driver, rootfs, imageId } = record;
  const { merged, diff, work } = overlayDirectory(paths, containerId);
  const lowers = allLowerIds(containerId, record).map((id) => overlayDirectory(paths, id).diff);
  const LowerDir = [...lowers, ...(rootfs === undefined ? [] : [rootfs])].join(":");
  const Data = { LowerDir, MergedDir: merged, UpperDir: diff, WorkDir: work };
  return { merged, upper: diff, driver, graphDriver: { Name: driver, Data }, imageId };
}

function requireRecord(paths: EnginePaths, containerId: string): MountRecord {
  const record = readMountRecord(paths, containerId);
  if (record !== undefined) return record;
  const message = `Cannot find the layers of container ${containerId}: "${mountRecordPath(paths, containerId)}" is missing`;
  throw new EngineError(message, { code: "ERR_STORAGE" });
}

/**
 * What is below a container's own layer, the uppermost first. A directory of the host has no init layer on it: the kernel
 * takes no layer that lies inside of another, and the host's root has the store inside.
 */
function allLowerIds(containerId: string, { lowerIds, rootfs }: MountRecord): readonly string[] {
  return rootfs === undefined ? [initId(containerId), ...lowerIds] : [];
}

function initId(containerId: string): string {
  return `${containerId}-init`;
}

/** A mount's root is on another filesystem than the directory above it. */
function isMounted(path: string): boolean {
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
