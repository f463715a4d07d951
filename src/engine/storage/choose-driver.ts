import { makeDirs, pathType, readTextIfExists, removeDir } from "../../sys/files.ts";
import { parseMountinfo } from "../../sys/mountinfo.ts";
import { unmount } from "../../sys/mounts.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { EngineError } from "../base/errors.ts";
import { findProgram } from "../base/find-program.ts";
import { isRecord, type JsonFormat, readJson, writeJson } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import { supportsFileTypes, withProbeDirectory } from "./backing-filesystem.ts";
import { mountOverlay } from "./overlay-mount.ts";
import { STORAGE_DRIVERS, type StorageDriver } from "./storage-driver.ts";

/** The driver of a store, and why those before it are not. */
export interface DriverChoice {
  readonly driver: StorageDriver;
  /** Of each that was tried and refused. */
  readonly refusals: Readonly<Record<string, string>>;
}

/** The variable that asks for a driver, as DOCKER_DRIVER does docker. */
export const DRIVER_VARIABLE = "MYDOCKER_STORAGE_DRIVER";

/** Drivers of other times and places: why they are not here, and what is in their place. */
export const OTHER_DRIVERS: Readonly<Record<string, string>> = {
  aufs: "Linux never took AUFS in, and docker dropped it in version 24; overlay2 does the same with the kernel's own overlay",
  devicemapper:
    "docker dropped devicemapper in version 25; overlay2 is its replacement, and --storage-opt size= limits a container",
  overlay: "docker dropped the first overlay driver in version 24; overlay2 is its replacement",
  btrfs: "this program has no driver for it; overlay2 works on btrfs",
  zfs: "this program has no driver for it; overlay2 works on zfs from version 2.2 on",
  windowsfilter: "it is for Windows",
};

const CHOICE_FORMAT: JsonFormat<DriverChoice> = {
  name: "choice of a storage driver",
  version: 1,
  check: (value) => {
    if (!isRecord(value) || !isDriver(value.driver) || !isRecord(value.refusals)) return undefined;
    // The texts are only shown.
    return { driver: value.driver, refusals: value.refusals as Readonly<Record<string, string>> };
  },
};

/**
 * Which driver new containers get: the one that was asked for, the one that was chosen before, or the first of overlay2,
 * fuse-overlayfs and vfs that works here. Throws EngineError for one that does not.
 */
export function chooseDriver(paths: EnginePaths, wanted = process.env[DRIVER_VARIABLE]): DriverChoice {
  if (wanted) return wantedDriver(paths, wanted);
  const file = `${paths.root}/storage-driver.json`;
  const known = readJson(file, CHOICE_FORMAT);
  if (known !== undefined) return known;
  const choice = probeDrivers(paths);
  writeJson(file, choice, CHOICE_FORMAT);
  return choice;
}

/**
 * The driver for a container on a directory of the host. In a user namespace the kernel lays nothing over a directory with
 * mounts below it, because that would show what those hide. Throws EngineError. Source: mount_namespaces(7).
 */
export function chooseDriverOn(paths: EnginePaths, rootfs: string): StorageDriver {
  const { driver } = chooseDriver(paths);
  if (driver !== "overlay2" || !isInUserNamespace() || !hasMountsBelow(rootfs)) return driver;
  const refusal = refusalOf(paths, "fuse-overlayfs");
  if (refusal === undefined) return "fuse-overlayfs";
  throw new EngineError(
    `Cannot use "${rootfs}" as a root filesystem: other filesystems are mounted in it, and ${refusal}`,
    {
      code: "ERR_NOT_SUPPORTED",
      flag: "--rootfs",
      fix: "install fuse-overlayfs, or use a directory without mounts in it",
    },
  );
}

function hasMountsBelow(directory: string): boolean {
  const prefix = directory === "/" ? "/" : `${directory}/`;
  const mounts = parseMountinfo(readTextIfExists("/proc/self/mountinfo") ?? "");
  return mounts.some(({ mountpoint }) => mountpoint !== directory && mountpoint.startsWith(prefix));
}

function wantedDriver(paths: EnginePaths, wanted: string): DriverChoice {
  const details = { code: "ERR_NOT_SUPPORTED", flag: DRIVER_VARIABLE } as const;
  const other = OTHER_DRIVERS[wanted];
  if (other !== undefined) throw new EngineError(`Cannot use the storage driver "${wanted}": ${other}`, details);
  if (!isDriver(wanted)) {
    const known = STORAGE_DRIVERS.join(", ");
    throw new EngineError(`Cannot use the storage driver "${wanted}": it is unknown; there are ${known}`, details);
  }
  const refusal = refusalOf(paths, wanted);
  if (refusal === undefined) return { driver: wanted, refusals: {} };
  throw new EngineError(`Cannot use the storage driver "${wanted}": ${refusal}`, details);
}

function probeDrivers(paths: EnginePaths): DriverChoice {
  const refusals: Record<string, string> = {};
  for (const driver of STORAGE_DRIVERS) {
    const refusal = refusalOf(paths, driver);
    if (refusal === undefined) return { driver, refusals };
    refusals[driver] = refusal;
  }
  throw new TypeError("vfs works everywhere");
}

/** Why a driver does not work here; undefined where it does. */
function refusalOf(paths: EnginePaths, driver: StorageDriver): string | undefined {
  if (driver === "vfs") return undefined;
  if (driver === "overlay2") return tryOverlay(paths);
  if (findProgram("fuse-overlayfs") === undefined) return "the program fuse-overlayfs is not installed";
  return pathType("/dev/fuse") === undefined ? "there is no /dev/fuse" : undefined;
}

/**
 * The kernel mounts an overlay on a filesystem that does not tell files' types with their names, and says so in its log alone:
 * names that were deleted are listed then.
 */
function tryOverlay(paths: EnginePaths): string | undefined {
  return withProbeDirectory(paths, (directory) => {
    if (!supportsFileTypes(directory)) return `the filesystem of "${paths.root}" ${NO_FILE_TYPES}`;
    try {
      mountIn(directory);
      return undefined;
    } catch (error) {
      if (error instanceof Error) return error.message;
      throw error;
    }
  });
}

const NO_FILE_TYPES =
  "has no d_type: overlays would list deleted files; make it with the feature filetype (ext4) or ftype=1 (xfs)";

function mountIn(directory: string): void {
  const [lower, upper, work, target] = ["lower", "upper", "work", "merged"].map((name) => `${directory}/${name}`);
  if (lower === undefined || upper === undefined || work === undefined || target === undefined) return;
  for (const path of [lower, upper, work, target]) makeDirs(path, 0o700);
  mountOverlay({ lowers: [lower], upper, work, target, relativeTo: directory, shortLowers: ["lower"] });
  unmount(target, true);
  removeDir(target);
}

function isDriver(value: unknown): value is StorageDriver {
  return STORAGE_DRIVERS.some((driver) => driver === value);
}
