import { spawnSync } from "node:child_process";
import { statSync, truncateSync, writeFileSync } from "node:fs";
import { makeDir, makeDirs, pathType } from "../../sys/files.ts";
import { mountFilesystem } from "../../sys/mounts.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { EngineError } from "../base/errors.ts";
import { findProgram } from "../base/find-program.ts";

/** What keeps a container's own layer to a size (`--storage-opt size=`). */
export interface SizeLimit {
  readonly bytes: number;
  /** A file with a filesystem of that size; or one in memory, where there are no loop devices to be had. */
  readonly by: "loop-ext4" | "tmpfs";
}

/** Below this an ext4 has no room for files. */
const MIN_BYTES = 1 << 20;

/**
 * What can limit a container's layer here. docker uses project quotas of xfs, for which the kernel and the mount of the whole
 * store must be prepared; a filesystem for each container needs neither. Throws EngineError.
 */
export function chooseSizeLimit(bytes: number): SizeLimit {
  if (bytes < MIN_BYTES) {
    throw new EngineError(`Cannot limit a container to ${bytes} bytes: it must be 1 MiB or more`, {
      code: "ERR_USAGE",
      flag: "--storage-opt",
    });
  }
  const hasLoop = !isInUserNamespace() && pathType("/dev/loop-control") !== undefined;
  return { bytes, by: hasLoop && findProgram("mkfs.ext4") !== undefined ? "loop-ext4" : "tmpfs" };
}

/** Makes the filesystem for a limit; it is mounted each time that the container's root filesystem is. */
export function makeLimited(directory: string, { bytes, by }: SizeLimit): void {
  makeDir(directory, 0o700);
  if (by === "tmpfs") return;
  const image = imageOf(directory);
  writeFileSync(image, "", { mode: 0o600 });
  truncateSync(image, bytes);
  run("mkfs.ext4", ["-q", "-F", "-m", "0", "-O", "^has_journal", image]);
}

/** Mounts it, unless it is mounted, with the directories for the layer in it. */
export function mountLimited(directory: string, { bytes, by }: SizeLimit): void {
  if (statSync(directory).dev === statSync(`${directory}/..`).dev) {
    if (by === "loop-ext4") run("mount", ["-t", "ext4", "-o", "loop", imageOf(directory), directory]);
    else mountTmpfs(directory, bytes);
  }
  makeDirs(`${directory}/diff`, 0o755);
  makeDirs(`${directory}/work`, 0o700);
}

function mountTmpfs(directory: string, bytes: number): void {
  const options = [
    ["size", String(bytes)],
    ["mode", "0700"],
  ] as const;
  mountFilesystem({ type: "tmpfs", options, attributes: 0, target: directory });
}

function imageOf(directory: string): string {
  return `${directory}.img`;
}

function run(name: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(findProgram(name) ?? name, args, { encoding: "utf8" });
  if (status === 0) return;
  const said = (stderr ?? "").trim().split("\n").at(-1) || "it cannot be run";
  throw new EngineError(`Cannot limit a container's size: ${name}: ${said}`, { code: "ERR_STORAGE" });
}
