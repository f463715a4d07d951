import { SystemError } from "../../base/errors.ts";
import { createFile, listDir, makeDir, pathType, readTextIfExists, unlink } from "../../sys/files.ts";
import { removeTree } from "../../sys/tree.ts";
import { EngineError, NoSuchObjectError } from "../base/errors.ts";
import { makeStore, readJson, readJsons, replaceJson } from "../base/json-store.ts";
import { lockObject, lockPath, type ObjectLock, tryLockObject } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import { type ContainerRecord, RECORD_FORMAT } from "./record.ts";

/** Names → ids: a file with the id for each name, whose exclusive creation claims the name. */
const NAMES = ".names";

export function containerDirectory({ containers }: EnginePaths, id: string): string {
  return `${containers}/${id}`;
}

/** Where sockets, fifos and the bundle of a running container are. */
export function runDirectory({ runContainers }: EnginePaths, id: string): string {
  return `${runContainers}/${id}`;
}

/** A container's record; undefined where there is none, or where it is still being made. */
export function readContainer(paths: EnginePaths, id: string): ContainerRecord | undefined {
  return readJson(recordPath(paths, id), RECORD_FORMAT);
}

function recordPath(paths: EnginePaths, id: string): string {
  return `${containerDirectory(paths, id)}/config.json`;
}

/** Replaces a container's record. A container that removes itself needs not outlive a power cut. */
export function writeContainer(paths: EnginePaths, record: ContainerRecord): void {
  replaceJson(recordPath(paths, record.id), record, RECORD_FORMAT, !record.hostConfig.AutoRemove);
}

/** Makes a container's directory and claims its name. Throws EngineError where the name is taken; then nothing is left. */
export function claimContainer(paths: EnginePaths, id: string, name: string): void {
  makeStore(paths.containers);
  makeDir(containerDirectory(paths, id), 0o700);
  try {
    claimName(paths, id, name);
  } catch (error) {
    removeTree(containerDirectory(paths, id));
    throw error;
  }
}

const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Throws EngineError for a name that is taken or cannot be one. */
export function claimName(paths: EnginePaths, id: string, name: string): void {
  if (!CONTAINER_NAME.test(name)) {
    throw new EngineError(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, {
      code: "ERR_USAGE",
    });
  }
  makeStore(`${paths.containers}/${NAMES}`);
  const file = `${paths.containers}/${NAMES}/${name}`;
  // The second try is for a name whose container has gone: a crash came between the two.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      createFile(file, id, 0o600);
      return;
    } catch (error) {
      if (!isErrno(error, EEXIST)) throw error;
    }
    const owner = readTextIfExists(file);
    if (owner !== undefined && pathType(containerDirectory(paths, owner)) !== undefined) throw nameTaken(name, owner);
    if (owner !== undefined) unlink(file);
  }
  throw nameTaken(name, readTextIfExists(file) ?? "another one");
}

export function releaseName(paths: EnginePaths, id: string, name: string | undefined): void {
  if (name === undefined) return;
  const file = `${paths.containers}/${NAMES}/${name}`;
  if (readTextIfExists(file) === id) unlink(file);
}

/** Source: include/uapi/asm-generic/errno-base.h. */
const EEXIST = 17;

export function isErrno(error: unknown, errno: number): boolean {
  return error instanceof SystemError && error.failure.errno === errno;
}

function nameTaken(name: string, owner: string): EngineError {
  return new EngineError(
    `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
    { code: "ERR_CONFLICT" },
  );
}

interface RemovedContainer {
  readonly id: string;
  readonly name: string | undefined;
}

/** Removes a container's own files, its name, and the lock, which the caller holds. */
export function removeContainerFiles(paths: EnginePaths, { id, name }: RemovedContainer): void {
  removeTree(runDirectory(paths, id));
  removeTree(containerDirectory(paths, id));
  releaseName(paths, id, name);
  removeLock(paths, id);
}

/** Whoever waits for it locks a new one, and finds no record. The caller holds it. */
export function removeLock(paths: EnginePaths, id: string): void {
  const path = lockPath(paths, "container", id);
  if (pathType(path) !== undefined) unlink(path);
}

/** The name that a container without a record has claimed; undefined where it has none. */
export function claimedName({ containers }: EnginePaths, id: string): string | undefined {
  const names = `${containers}/${NAMES}`;
  if (pathType(names) === undefined) return undefined;
  return listDir(names).find((name) => readTextIfExists(`${names}/${name}`) === id);
}

/** Removes the locks of containers that are gone, which a crash has left. */
export function sweepContainerLocks(paths: EnginePaths): void {
  const ids =
    pathType(paths.locks) === undefined ? [] : listDir(paths.locks).flatMap((name) => LOCK.exec(name)?.[1] ?? []);
  for (const id of ids) {
    if (pathType(containerDirectory(paths, id)) !== undefined) continue;
    const lock = tryLockObject(paths, "container", id);
    if (lock === undefined) continue;
    if (pathType(containerDirectory(paths, id)) === undefined) removeLock(paths, id);
    lock.release();
  }
}

const LOCK = /^container-([0-9a-f]{64})\.lock$/;

/** The ids of all containers, those that are being made included. */
export function listContainerIds({ containers }: EnginePaths): readonly string[] {
  return pathType(containers) === undefined ? [] : listDir(containers).filter((id) => ID.test(id));
}

const ID = /^[0-9a-f]{64}$/;

/** Every container, the newest first. One that cannot be read is told and left out. */
export function listContainers(paths: EnginePaths, warn: (message: string) => void): readonly ContainerRecord[] {
  const records: ContainerRecord[] = [];
  for (const record of readJsons(
    listContainerIds(paths).map((id) => recordPath(paths, id)),
    RECORD_FORMAT,
  )) {
    if (record instanceof Error) warn(record.message);
    else if (record !== undefined) records.push(record);
  }
  return records.sort((a, b) => (a.created < b.created ? 1 : -1));
}

/** Finds a container by its id, its name, or the beginning of its id. Throws EngineError. */
export function findContainer(paths: EnginePaths, word: string): ContainerRecord {
  const id = ID.test(word) ? word : (idOfName(paths, word.replace(/^\//, "")) ?? idOfPrefix(paths, word));
  const record = id === undefined ? undefined : readContainer(paths, id);
  if (record === undefined) throw new NoSuchObjectError("container", word);
  return record;
}

function idOfName({ containers }: EnginePaths, name: string): string | undefined {
  return CONTAINER_NAME.test(name) ? readTextIfExists(`${containers}/${NAMES}/${name}`) : undefined;
}

function idOfPrefix(paths: EnginePaths, word: string): string | undefined {
  if (!/^[0-9a-f]{1,64}$/.test(word)) return undefined;
  const [first, second] = listContainerIds(paths).filter((id) => id.startsWith(word));
  if (second === undefined) return first;
  throw new EngineError(`multiple IDs found with provided prefix: ${word}`, { code: "ERR_NO_SUCH_OBJECT" });
}

/** Reads a container's record once nobody else changes it. Throws EngineError where it has gone meanwhile. */
export function openContainer(
  paths: EnginePaths,
  id: string,
): { readonly record: ContainerRecord; readonly lock: ObjectLock } {
  const lock = lockObject(paths, "container", id);
  const record = readContainer(paths, id);
  if (record !== undefined) return { record, lock };
  if (pathType(containerDirectory(paths, id)) === undefined) removeLock(paths, id);
  lock.release();
  throw new NoSuchObjectError("container", id.slice(0, 12));
}

/** Changes a container's record while nobody else does. */
export function changeContainer(
  paths: EnginePaths,
  id: string,
  change: (record: ContainerRecord) => ContainerRecord,
): ContainerRecord {
  const { record, lock } = openContainer(paths, id);
  try {
    const changed = change(record);
    if (changed !== record) writeContainer(paths, changed);
    return changed;
  } finally {
    lock.release();
  }
}
