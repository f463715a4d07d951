import { isInUserNamespace } from "../../sys/user-namespace.ts";
import type { EnginePaths } from "../base/paths.ts";
import { backingFilesystem, supportsFileTypes, withProbeDirectory } from "./backing-filesystem.ts";
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
    ["Supports d_type", String(withProbeDirectory(paths, supportsFileTypes))],
    // Mounts have neither redirected directories nor files without their data.
    ["Native Overlay Diff", String(driver !== "vfs")],
    ["userxattr", String(hasKernelOverlay && isInUserNamespace())],
    ["Size limits", driver === "vfs" ? "none" : "a filesystem in a file (ext4), or in memory; no project quotas"],
    ...Object.entries(refusals).map(([name, why]) => [`Not ${name}`, why] as const),
    ...["aufs", "devicemapper"].map((name) => [`Not ${name}`, OTHER_DRIVERS[name] ?? ""] as const),
  ];
  return { Driver: driver, DriverStatus };
}
