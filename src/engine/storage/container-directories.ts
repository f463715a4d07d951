import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { type MountRecord, mountRecordPath, readMountRecord } from "./mount-record.ts";
import { overlayDirectory, shortName } from "./overlay-layout.ts";

/** Where a container's layers are. */
export interface ContainerDirectories {
  readonly merged: string;
  readonly upper: string;
  readonly work: string;
  /** Absolute, the uppermost first. */
  readonly lowers: readonly string[];
  /** The same relative to paths.overlay2, where they are in it. */
  readonly shortLowers: readonly string[];
}

/** The directory in which a size-limited filesystem of a container's own is mounted, for its upper layer. */
export function limitedDirectory({ overlay2 }: EnginePaths, containerId: string): string {
  return `${overlay2}/${containerId}/limited`;
}

export function containerDirectories(
  paths: EnginePaths,
  containerId: string,
  record: MountRecord,
): ContainerDirectories {
  const { driver, rootfs, sizeLimit } = record;
  const own = overlayDirectory(paths, containerId);
  const base = sizeLimit === undefined ? `${paths.overlay2}/${containerId}` : limitedDirectory(paths, containerId);
  const copy = `${paths.vfs}/${containerId}`;
  const ids = allLowerIds(containerId, record);
  const outside = rootfs === undefined ? [] : [rootfs];
  return {
    merged: driver === "vfs" ? copy : own.merged,
    upper: driver === "vfs" ? copy : `${base}/diff`,
    work: `${base}/work`,
    lowers: [...ids.map((id) => overlayDirectory(paths, id).diff), ...outside],
    shortLowers: [...ids.map((id) => shortName(paths, id) ?? `${id}/diff`), ...outside],
  };
}

/**
 * What is below a container's own layer, the uppermost first. A directory of the host has no init layer on it: the kernel
 * takes no layer that lies inside of another, and the host's root has the store inside.
 */
export function allLowerIds(containerId: string, { lowerIds, rootfs }: MountRecord): readonly string[] {
  return rootfs === undefined ? [initId(containerId), ...lowerIds] : [];
}

export function initId(containerId: string): string {
  return `${containerId}-init`;
}

/** Throws EngineError where the container has no record. */
export function requireMountRecord(paths: EnginePaths, containerId: string): MountRecord {
  const record = readMountRecord(paths, containerId);
  if (record !== undefined) return record;
  const missing = mountRecordPath(paths, containerId);
  throw new EngineError(`Cannot find the layers of container ${containerId}: "${missing}" is missing`, {
    code: "ERR_STORAGE",
  });
}
