import { makeDirs, readTextIfExists, tellsFileTypes } from "../../sys/files.ts";
import { parseMountinfo } from "../../sys/mountinfo.ts";
import { removeTree } from "../../sys/tree.ts";
import { newObjectId } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";

/** The filesystem that a directory, or the one above it that exists, is on: the longest mount point wins. */
export function backingFilesystem(directory: string): string {
  const mounts = parseMountinfo(readTextIfExists("/proc/self/mountinfo") ?? "", " - ");
  const holding = mounts.filter(
    ({ mountpoint }) => mountpoint === "/" || directory === mountpoint || directory.startsWith(`${mountpoint}/`),
  );
  return holding.sort((a, b) => a.mountpoint.length - b.mountpoint.length).at(-1)?.fsType ?? "unknown";
}

/** Calls with a directory of the store for trying something out, which it removes then. Throws SystemError. */
export function withProbeDirectory<T>(paths: EnginePaths, act: (directory: string) => T): T {
  const directory = `${paths.root}/.probe-${newObjectId().slice(0, 12)}`;
  try {
    makeDirs(directory, 0o700);
    return act(directory);
  } finally {
    removeTree(directory);
  }
}

/** Whether directories tell the types of what is in them (d_type), tried in a directory that may be written to. */
export function supportsFileTypes(directory: string): boolean {
  makeDirs(`${directory}/some`, 0o700);
  return tellsFileTypes(directory);
}
