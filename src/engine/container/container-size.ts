import { S_IFDIR, S_IFMT } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import { listTree, openTree } from "../../sys/tree.ts";
import { unlessMissing } from "../../sys/unless-missing.ts";
import type { EnginePaths } from "../base/paths.ts";
import { readMountRecord } from "../storage/mount-record.ts";
import { describeRootfs } from "../storage/rootfs-store.ts";
import type { ContainerRecord } from "./record.ts";

/** SizeRootFs: what the container sees, by the sizes of its layers. */
export async function containerSizes(paths: EnginePaths, { id, imageId, rootfs }: ContainerRecord) {
  const written = await writtenBytes(paths, id);
  const below = rootfs === undefined ? await imageBytes(paths, imageId) : treeBytes(rootfs);
  return { SizeRw: written, SizeRootFs: below + written };
}

async function imageBytes(paths: EnginePaths, imageId: string | undefined): Promise<number> {
  if (imageId === undefined) return 0;
  const [{ resolveImage }, { imageSize }] = await Promise.all([
    import("../image/resolve-image.ts"),
    import("../image/list-images.ts"),
  ]);
  const { config, layers } = resolveImage(paths, imageId);
  return imageSize(paths, config, layers);
}

/** How many bytes the files hold that a container has written; none where it is being removed. Hard links count once. */
export async function writtenBytes(paths: EnginePaths, id: string): Promise<number> {
  return readMountRecord(paths, id) === undefined ? 0 : treeBytes((await describeRootfs(paths, id)).upper);
}

/** How many bytes the files of a directory hold; what goes meanwhile holds none. */
export function treeBytes(directory: string): number {
  const root = unlessMissing(() => openTree(directory));
  if (root === undefined) return 0;
  try {
    return bytesBelow(root, ".", new Set());
  } finally {
    close(root);
  }
}

function bytesBelow(parent: number, name: string, seen: Set<string>): number {
  const listing = unlessMissing(() => listTree(parent, name));
  if (listing === undefined) return 0;
  const { fd, entries } = listing;
  let bytes = 0;
  try {
    for (const entry of entries) {
      const key = `${entry.device}:${entry.inode}`;
      if (entry.links > 1 && (entry.mode & S_IFMT) !== S_IFDIR && seen.has(key)) continue;
      seen.add(key);
      bytes += (entry.mode & S_IFMT) === S_IFDIR ? bytesBelow(fd, entry.name, seen) : entry.size;
    }
    return bytes;
  } finally {
    close(fd);
  }
}
