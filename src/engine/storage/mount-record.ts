import { isRecord, type JsonFormat, makeStore, readJson, writeJson } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ImageId } from "../image/image.ts";
import type { SizeLimit } from "./size-limit.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** Which layers a container has. Written before anything is made, so that what a crash leaves can be found. */
export interface MountRecord {
  readonly driver: StorageDriver;
  readonly imageId?: ImageId;
  /** The uppermost first; directories of the layout. */
  readonly lowerIds: readonly string[];
  /** The lowest layer where it is a directory of the host. */
  readonly rootfs?: string;
  readonly sizeLimit?: SizeLimit;
  /** Whether nothing of it needs to survive a power cut. */
  readonly isVolatile?: boolean;
}

export const MOUNT_FORMAT: JsonFormat<MountRecord> = {
  name: "record of a container's layers",
  version: 1,
  check: (value) => {
    if (!isRecord(value) || typeof value.driver !== "string" || !Array.isArray(value.lowerIds)) return undefined;
    // The members that tell the form were checked; this program wrote the others.
    return value as unknown as MountRecord;
  },
};

export function readMountRecord(paths: EnginePaths, containerId: string): MountRecord | undefined {
  return readJson(mountRecordPath(paths, containerId), MOUNT_FORMAT);
}

export function writeMountRecord(paths: EnginePaths, containerId: string, record: MountRecord): void {
  makeStore(paths.mounts);
  writeJson(mountRecordPath(paths, containerId), record, MOUNT_FORMAT);
}

export function mountRecordPath({ mounts }: EnginePaths, containerId: string): string {
  return `${mounts}/${containerId}.json`;
}
