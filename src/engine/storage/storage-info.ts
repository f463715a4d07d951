import { readTextIfExists } from "../../sys/files.ts";
import { parseMountinfo } from "../../sys/mountinfo.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import type { EnginePaths } from "../base/paths.ts";
import { chooseDriver, OTHER_DRIVERS } from "./choose-driver.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** What `info` shows of storage, with docker's names where it has some. */
export interface StorageInfo {
  readonly Driver: StorageDriver;
  readonly DriverStatus: readonly (readonly [name: string, value: string])[];
}

/** The driver of new containers, why those before it are not, and what became of older ones. Throws EngineError. */
export function storageInfo(paths: EnginePaths): StorageInfo {
  const { driver, refusals } = chooseDriver(paths);
  const hasKernelOverlay = driver === "overlay2";
  const DriverStatus: (readonly [string, string])[] = [
    ["Backing Filesystem", backingFilesystem(paths.root)],
    // The probe of overlay2 needs file types in directories, and fails without.
    ["Supports d_type", String(hasKernelOverlay)],
    // Mounts have neither redirected directories nor files without their data.
    ["Native Overlay Diff", String(driver !== "vfs")],
    ["userxattr", String(hasKernelOverlay && isInUserNamespace())],
    ["Size limits", driver === "vfs" ? "none" : "a filesystem in a file (ext4), or in memory; no project quotas"],
    ...Object.entries(refusals).map(([name, why]) => [`Not ${name}`, why] as const),
    ...["aufs", "devicemapper"].map((name) => [`Not ${name}`, OTHER_DRIVERS[name] ?? ""] as const),
  ];
  return { Driver: driver, DriverStatus };
}

/** The filesystem that a directory, or the one above it that exists, is on: the longest mount point wins. */
function backingFilesystem(directory: string): string {
  const mounts = parseMountinfo(readTextIfExists("/proc/self/mountinfo") ?? "", " - ");
  const holding = mounts.filter(
    ({ mountpoint }) => mountpoint === "/" || directory === mountpoint || directory.startsWith(`${mountpoint}/`),
  );
  return holding.sort((a, b) => a.mountpoint.length - b.mountpoint.length).at(-1)?.fsType ?? "unknown";
}
