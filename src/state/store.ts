import { StateError, SystemError } from "../base/errors.ts";
import { errnoName } from "../linux/errno.ts";
import { close } from "../sys/descriptors.ts";
import {
  createFile,
  listDir,
  lockDir,
  makeDir,
  makeDirs,
  pathType,
  readTextIfExists,
  removeDir,
  unlink,
  writeAtomic,
} from "../sys/files.ts";
import { JOURNAL_FILE, parseJournal, type UndoEntry } from "./journal.ts";
import { parseState, renderState, type StoredState } from "./schema.ts";

/** A container's directory below the state root, and its lock, which the holder closes. */
export interface OpenContainer {
  readonly directory: string;
  readonly lockFd: number;
}

const STATE_FILE = "state.json";
const CONFIG_FILE = "config.json";
/** A socket on which a created container's init waits for `start`, which removes it. */
export const START_SOCKET = "start.sock";

/** Everything that this program puts into a container's state directory. */
export const STATE_FILES: readonly string[] = [STATE_FILE, CONFIG_FILE, JOURNAL_FILE, START_SOCKET];

/** Throws StateError ERR_INVALID_ID unless the id can name a directory. Source: runc's rule, which callers know. */
export function checkId(id: string): void {
  if (/^[A-Za-z0-9_+.-]{1,1024}$/.test(id) && id !== "." && id !== "..") return;
  throw new StateError("ERR_INVALID_ID", `invalid container ID format: ${JSON.stringify(id)}`, {
    fix: 'use letters, digits, "_", "+", "-" and "."',
  });
}

/**
 * Makes the container's directory, which claims its id, with the state and the config in it. Throws StateError
 * ERR_CONTAINER_EXISTS and SystemError; on failure nothing is left.
 */
export function claimContainer(root: string, state: StoredState, configText: string): OpenContainer {
  const directory = `${root}/${state.id}`;
  makeDirs(root, 0o711);
  try {
    makeDir(directory, 0o700);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
    throw new StateError("ERR_CONTAINER_EXISTS", `container with given ID already exists: "${state.id}"`, {
      fix: `choose another id, or remove it with "delete ${state.id}"`,
      cause: error,
    });
  }
  const lockFd = lockDir(directory, true) ?? -1;
  try {
    createFile(`${directory}/${JOURNAL_FILE}`, "", 0o600);
    createFile(`${directory}/${CONFIG_FILE}`, configText, 0o600);
    writeAtomic(`${directory}/${STATE_FILE}`, renderState(state), 0o600);
  } catch (error) {
    close(lockFd);
    removeStateDirectory(directory);
    throw error;
  }
  return { directory, lockFd };
}

/** Opens an existing container and waits for its lock. Throws StateError ERR_CONTAINER_NOT_FOUND. */
export function openContainer(root: string, id: string): OpenContainer {
  checkId(id);
  const directory = `${root}/${id}`;
  try {
    const lockFd = lockDir(directory, true) ?? -1;
    // The holder of the lock may have removed the container meanwhile.
    if (pathType(`${directory}/${JOURNAL_FILE}`) !== undefined) return { directory, lockFd };
    close(lockFd);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  throw notFound(id);
}

/** Reads a container's state without a lock: it is replaced as a whole. Throws StateError. */
export function readState(root: string, id: string): StoredState {
  checkId(id);
  const path = `${root}/${id}/${STATE_FILE}`;
  const text = readTextIfExists(path);
  if (text === undefined) throw notFound(id);
  return parseState(text, path);
}

function notFound(id: string): StateError {
  return new StateError("ERR_CONTAINER_NOT_FOUND", `container "${id}" does not exist`);
}

/** The config that the container was created with. */
export function readStoredConfig(root: string, id: string): string {
  return readTextIfExists(`${root}/${id}/${CONFIG_FILE}`, 16 << 20) ?? "";
}

export function readJournal(directory: string): readonly UndoEntry[] {
  return parseJournal(readTextIfExists(`${directory}/${JOURNAL_FILE}`, 16 << 20) ?? "");
}

/** The ids of all containers, sorted; none where the root does not exist. */
export function containerIds(root: string): readonly string[] {
  return pathType(root) === undefined ? [] : listDir(root).sort();
}

/** Removes what this program has put there, and the directory. What is gone already is no failure. */
export function removeStateDirectory(directory: string): void {
  for (const name of STATE_FILES) unlessMissing(() => unlink(`${directory}/${name}`));
  unlessMissing(() => removeDir(directory));
}

function unlessMissing(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

function isErrno(error: unknown, name: string): boolean {
  return error instanceof SystemError && errnoName(error.failure.errno) === name;
}
