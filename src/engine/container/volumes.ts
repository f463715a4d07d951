import { OPEN_DIRECTORY } from "../../linux/open-flags.ts";
import { close } from "../../sys/descriptors.ts";
import { listDir, makeDir, openInRoot, pathType, unlink } from "../../sys/files.ts";
import { removeTree } from "../../sys/tree.ts";
import { EngineError, NoSuchObjectError } from "../base/errors.ts";
import { isRecord, type JsonFormat, listJson, makeStore, readJson, writeJson } from "../base/json-store.ts";
import { lockPath, tryLockObject, withObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import { volumeEvent } from "./event-facts.ts";
import { noteEvents } from "./events.ts";
import { isErrno } from "./store.ts";

/** A named directory that outlives containers: `<root>/volumes/<name>/_data`. The members are docker's. */
export interface Volume {
  readonly Name: string;
  /** RFC 3339. */
  readonly CreatedAt: string;
  readonly Driver: "local";
  readonly Labels: Readonly<Record<string, string>>;
  /** See volume-options.ts. */
  readonly Options: Readonly<Record<string, string>>;
  /** Made for one container by `-v DIR`, and removed with it by `rm -v`. */
  readonly Anonymous?: boolean;
}

const FORMAT: JsonFormat<Volume> = {
  name: "volume record",
  version: 1,
  // Written by this program from a value of the type.
  check: (value) => (isRecord(value) && typeof value.Name === "string" ? (value as unknown as Volume) : undefined),
};

const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

export function volumeData({ volumes }: EnginePaths, name: string): string {
  return `${volumes}/${name}/_data`;
}

export interface VolumeRequest {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly isAnonymous?: boolean;
  readonly options?: Readonly<Record<string, string>>;
}

/** Makes a volume, or gives the one of this name. Throws EngineError for a name that can be none. */
export async function ensureVolume(
  paths: EnginePaths,
  { name, labels = {}, isAnonymous = false, options = {} }: VolumeRequest,
): Promise<Volume> {
  if (!VOLUME_NAME.test(name)) {
    throw new EngineError(
      `"${name}" includes invalid characters for a local volume name, only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      { code: "ERR_USAGE" },
    );
  }
  return await withObjectLock(paths, "volume", name, () => {
    const known = readVolume(paths, name);
    if (known !== undefined) return known;
    // Of one that was killed before its record was there.
    removeTree(`${paths.volumes}/${name}`);
    const volume: Volume = {
      Name: name,
      CreatedAt: new Date().toISOString(),
      Driver: "local",
      Labels: labels,
      Options: options,
      ...(isAnonymous && { Anonymous: true }),
    };
    makeStore(`${paths.volumes}/${name}`);
    makeDir(volumeData(paths, name), 0o755);
    writeJson(`${paths.volumes}/${name}/config.json`, volume, FORMAT);
    noteEvents(paths, volumeEvent(name, "create"));
    return volume;
  });
}

export function readVolume({ volumes }: EnginePaths, name: string): Volume | undefined {
  return VOLUME_NAME.test(name) ? readJson(`${volumes}/${name}/config.json`, FORMAT) : undefined;
}

/** Throws EngineError where there is no volume of this name. */
export function requireVolume(paths: EnginePaths, name: string): Volume {
  const volume = readVolume(paths, name);
  if (volume === undefined) throw new NoSuchObjectError("volume", name);
  return volume;
}

export function listVolumes({ volumes }: EnginePaths, warn: (message: string) => void): readonly Volume[] {
  const { values, bad } = listJson(volumes, "/config.json", FORMAT);
  for (const { error } of bad) warn(error.message);
  return values.map(({ value }) => value);
}

/** Removes a volume and what is in it; `usersOf` gives the ids of the containers that name it. Throws EngineError. */
export async function removeVolume(
  paths: EnginePaths,
  name: string,
  usersOf: (name: string) => readonly string[],
): Promise<void> {
  await withObjectLock(paths, "volume", name, async () => {
    const { Options } = requireVolume(paths, name);
    const users = usersOf(name);
    if (users.length > 0) {
      throw new EngineError(`remove ${name}: volume is in use - [${users.join(", ")}]`, { code: "ERR_CONFLICT" });
    }
    // A mount that a crash has left.
    if (Object.keys(Options).length > 0) (await import("./mount-volume.ts")).unmountVolume(paths, name);
    // All of it goes at once, whatever happens to this process.
    const gone = `${paths.volumes}/.${name}`;
    removeTree(gone);
    process.getBuiltinModule("node:fs").renameSync(`${paths.volumes}/${name}`, gone);
    removeTree(gone);
    unlink(lockPath(paths, "volume", name));
    noteEvents(paths, volumeEvent(name, "destroy"));
  });
}

/** As removeVolume, but tells whether it is gone by this: one that is in use stays. */
export async function removeIfUnused(
  paths: EnginePaths,
  name: string,
  usersOf: (name: string) => readonly string[],
): Promise<boolean> {
  try {
    await removeVolume(paths, name, usersOf);
    return true;
  } catch (error) {
    const isOthers = error instanceof EngineError && ["ERR_CONFLICT", "ERR_NO_SUCH_OBJECT"].includes(error.code);
    if (isOthers) return false;
    throw error;
  }
}

/** Removes what killed processes have left of volumes: data without a record, and locks of what is gone. */
export function sweepVolumes(paths: EnginePaths): void {
  const names = new Set([...namesIn(paths.volumes, /^\.?([^.].*)$/), ...namesIn(paths.locks, /^volume-(.*)\.lock$/)]);
  for (const name of names) {
    const isWhole = readVolume(paths, name) !== undefined;
    if (isWhole && pathType(`${paths.volumes}/.${name}`) === undefined) continue;
    const lock = tryLockObject(paths, "volume", name);
    if (lock === undefined) continue;
    removeTree(`${paths.volumes}/.${name}`);
    if (readVolume(paths, name) === undefined) {
      removeTree(`${paths.volumes}/${name}`);
      unlink(lockPath(paths, "volume", name));
    }
    lock.release();
  }
}

function namesIn(directory: string, pattern: RegExp): readonly string[] {
  return pathType(directory) === undefined ? [] : listDir(directory).flatMap((name) => pattern.exec(name)?.[1] ?? []);
}

const ENOENT = 2;
const ENOTDIR = 20;

/**
 * Fills an empty volume with what the image has at the place where it is mounted. What the image has there, symbolic links
 * included, is looked up inside the root filesystem.
 */
export async function copyUp(paths: EnginePaths, name: string, rootfs: string, destination: string): Promise<void> {
  await withObjectLock(paths, "volume", name, async () => {
    const data = volumeData(paths, name);
    if (listDir(data).length > 0) return;
    const source = openDirectory(rootfs, destination);
    if (source === undefined) return;
    try {
      (await import("./copy-tree.ts")).copyTree(source, data);
    } finally {
      close(source);
    }
  });
}

function openDirectory(rootfs: string, path: string): number | undefined {
  try {
    return openInRoot(rootfs, path, OPEN_DIRECTORY);
  } catch (error) {
    if (isErrno(error, ENOENT) || isErrno(error, ENOTDIR)) return undefined;
    throw error;
  }
}
