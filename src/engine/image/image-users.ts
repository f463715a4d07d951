import { listJson } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import { MOUNT_FORMAT } from "../storage/mount-record.ts";
import { isRootfsMounted } from "../storage/rootfs-store.ts";
import type { ImageId } from "./image.ts";

/** A container that stands on an image. */
export interface ImageUser {
  readonly containerId: string;
  readonly imageId: ImageId;
  /** Its root filesystem is mounted: it runs, or is about to. */
  readonly isMounted: boolean;
  /** The directories of the layers that it has, below its own. */
  readonly lowerIds: readonly string[];
}

/** Which containers stand on which images. */
export function imageUsers(paths: EnginePaths): readonly ImageUser[] {
  return listJson(paths.mounts, ".json", MOUNT_FORMAT).values.flatMap(({ name, value: { imageId, lowerIds } }) => {
    if (imageId === undefined) return [];
    return [{ containerId: name, imageId, isMounted: isRootfsMounted(paths, name), lowerIds }];
  });
}
