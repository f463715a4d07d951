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

/** A config of 16 MiB is read, and a journal has at most a line for each of its mounts, devices and cgroups. */
const MAX_FILE_BYTES = 16 << 20;

/** Everybody may pass, to reach a socket of which they know the name; only the owner may look around. */
export const ROOT_MODE = 0o711;
/**
 * For the state root of an ordinary user. With the sticky bit it stays where old files are cleaned up. Source: XDG Base
 * Directory Specification, $XDG_RUNTIME_DIR.
 */
export const USER_ROOT_MODE = 0o1700;
const CONTAINER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Throws StateError ERR_INVALID_ID unless the id can name a directory. The rule is runc's, which callers know. */
export function checkId(id: string): void {
  if (/^[A-Za-z0-9_+.-]{1,255}$/.test(id) && id !== "." && id !== "..") return;
  throw new StateError("ERR_INVALID_ID", `invalid container ID format: ${JSON.stringify(id)}`, {
    fix: 'use at most 255 letters, digits and "_", "+", "-", "."; not "." or ".." alone',
  });
}

/**
 * Makes the container's directory, which claims its id, with the state and the config in it, and takes its lock.
 * Throws StateError ERR_INVALID_ID, ERR_CONTAINER_EXISTS, and SystemError; on failure nothing is left.
 */
export function claimContainer(
  root: string,
  state: StoredState,
  configText: string,
  rootMode = ROOT_MODE,
): OpenContainer {
  checkId(state.id);
  const directory = `${root}/${state.id}`;
  namingRoot(() => makeDirs(root, rootMode));
  namingRoot(() => makeContainerDirectory(directory, state.id));
  const lockFd = lockNewDirectory(directory);
  try {
    writeAtomic(`${directory}/${STATE_FILE}`, renderState(state), FILE_MODE);
    createFile(`${directory}/${CONFIG_FILE}`, configText, FILE_MODE);
    return { directory, lockFd };
  } catch (error) {
    removeStateDirectory(directory);
    close(lockFd);
    throw error;
  }
}

/** Says in a refusal by the file system which flag takes another directory. */
function namingRoot(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isErrno(error, "EACCES", "EROFS")) throw error;
    const fix = "name a directory that this user can write to, or set XDG_RUNTIME_DIR to one";
    throw new SystemError(error.message, error.failure, { flag: "--root", fix, cause: error });
  }
}

function makeContainerDirectory(directory: string, id: string): void {
  try {
    makeDir(directory, CONTAINER_MODE);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
    throw new StateError("ERR_CONTAINER_EXISTS", `container with given ID already exists: "${id}"`, {
      fix: `choose another id, or remove the container with "delete ${id}"`,
      cause: error,
    });
  }
}

/**
 * Before it is locked, a `delete --force` may remove the new directory, and another creator make it again: only who
 * creates the journal owns it, and others leave what is in it alone.
 */
function lockNewDirectory(directory: string): number {
  let lockFd: number | undefined;
  try {
    lockFd = lockDir(directory);
    createFile(`${directory}/${JOURNAL_FILE}`, "", FILE_MODE);
    return lockFd;
  } catch (error) {
    unlessErrno(["ENOENT", "ENOTEMPTY"], () => removeDir(directory));
    if (lockFd !== undefined) close(lockFd);
    throw error;
  }
}

/**
 * Waits for an existing container's lock: it may be half created, or its state unreadable. Throws StateError
 * ERR_INVALID_ID, ERR_CONTAINER_NOT_FOUND, and SystemError.
 */
export function openContainer(root: string, id: string): OpenContainer {
  checkId(id);
  const directory = `${root}/${id}`;
  try {
    return { directory, lockFd: lockDir(directory) };
  } catch (error) {
    throw isErrno(error, "ENOENT", "ENOTDIR") ? notFound(id) : error;
  }
}

/**
 * Reads a container's state, without a lock: it is only ever replaced as a whole. Throws StateError ERR_INVALID_ID,
 * ERR_CONTAINER_NOT_FOUND, ERR_STATE_CORRUPT, and SystemError.
 */
export function readState(root: string, id: string): StoredState {
  checkId(id);
  const path = `${root}/${id}/${STATE_FILE}`;
  const text = readTextIfExists(path);
  if (text !== undefined) return parseState(text, path);
  if (pathType(`${root}/${id}`) !== "directory") throw notFound(id);
  throw new StateError("ERR_STATE_CORRUPT", `Cannot use container "${id}": its "${path}" does not exist`, {
    fix: `if nobody is creating or deleting it just now, remove it with "delete --force ${id}"`,
  });
}

function notFound(id: string): StateError {
  return new StateError("ERR_CONTAINER_NOT_FOUND", `container does not exist: "${id}"`);
}

/** The text of the config that the container was created with; "" where its creation did not come that far. */
export function readStoredConfig(root: string, id: string): string {
  return readTextIfExists(`${root}/${id}/${CONFIG_FILE}`, MAX_FILE_BYTES) ?? "";
}

/** What has to be undone to be rid of a container, in the order in which it was done. Throws StateError, SystemError. */
export function readJournal(directory: string): readonly UndoEntry[] {
  const path = `${directory}/${JOURNAL_FILE}`;
  return parseJournal(readTextIfExists(path, MAX_FILE_BYTES) ?? "", path);
}

/** The names of all containers' directories, sorted; none where the root does not exist. Throws SystemError. */
export function containerIds(root: string): readonly string[] {
  return pathType(root) === undefined ? [] : listDir(root).sort();
}

/**
 * Removes the container's directory and the files in it, temporary ones of a killed writer too. The state goes last,
 * so that a container whose removal is interrupted can be deleted again. What is gone already is no failure.
 */
export function removeStateDirectory(directory: string): void {
  unlessErrno(["ENOENT"], () => {
    for (const name of listDir(directory)) {
      if (name !== STATE_FILE) unlessErrno(["ENOENT"], () => unlink(`${directory}/${name}`));
    }
    unlessErrno(["ENOENT"], () => unlink(`${directory}/${STATE_FILE}`));
    removeDir(directory);
  });
}

function unlessErrno(names: readonly string[], action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isErrno(error, ...names)) throw error;
  }
}

function isErrno(error: unknown, ...names: readonly string[]): error is SystemError {
  return error instanceof SystemError && names.includes(errnoName(error.failure.errno));
}
