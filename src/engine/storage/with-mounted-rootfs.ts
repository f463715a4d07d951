import type { EnginePaths } from "../base/paths.ts";
import { isRootfsMounted, mountRootfs, unmountRootfs } from "./rootfs-store.ts";

/** Does something with a container's files, whose root filesystem is mounted for that where it is not. */
export async function withMountedRootfs<T>(
  paths: EnginePaths,
  containerId: string,
  act: (merged: string) => Promise<T>,
): Promise<T> {
  const wasMounted = isRootfsMounted(paths, containerId);
  const merged = await mountRootfs(paths, containerId);
  try {
    return await act(merged);
  } finally {
    if (!wasMounted) await unmountRootfs(paths, containerId);
  }
}
