import { SystemError } from "../base/errors.ts";
import { attempt, systemError } from "./native.ts";

/** Files and directories of the host. Every function throws SystemError; paths are absolute or of the current directory. */

const MAX_TEXT_BYTES = 1 << 20;
const NO_PARENT = "its directory does not exist";

/** The file's text, which is UTF-8. Fails with EFBIG beyond `maxBytes`. Source: read(2). */
export function readText(path: string, maxBytes = MAX_TEXT_BYTES): string {
  return attempt(`read "${path}"`, (addon) => addon.readText(path, maxBytes, false)) ?? "";
}

/** As readText; undefined where the file does not exist or the process that it tells of has ended. */
export function readTextIfExists(path: string, maxBytes = MAX_TEXT_BYTES): string | undefined {
  return attempt(`read "${path}"`, (addon) => addon.readText(path, maxBytes, true));
}

/**
 * As readTextIfExists of each path, with one call for all; what cannot be read for another reason is in its place as an error,
 * which textOf throws.
 */
export function readTexts(
  paths: readonly string[],
  maxBytes = MAX_TEXT_BYTES,
): readonly (string | SystemError | undefined)[] {
  // A path with a NUL in it would be taken for two.
  if (paths.some((path) => path.includes("\0"))) return paths.map((path) => readTextIfExists(path, maxBytes));
  const joined = paths.map((path) => `${path}\0`).join("");
  return attempt("read files", (addon) => addon.readTexts(joined, maxBytes)).map((text, index) =>
    typeof text === "number" ? readError(paths[index] ?? "", text) : text,
  );
}

function readError(path: string, errno: number): SystemError {
  return systemError(`read "${path}"`, { syscall: "read", errno, path });
}

/** One of the texts of readTexts. Throws SystemError. */
export function textOf(text: string | SystemError | undefined): string | undefined {
  if (text instanceof SystemError) throw text;
  return text;
}

/**
 * Creates or replaces a file so that a reader, or a crash of this process, sees the old text or the new one: temporary
 * file in the same directory, then rename. With `durable` it holds for a power cut as well, at the price of an fsync of
 * the file and of its directory. Source: rename(2), fsync(2).
 */
export function writeAtomic(path: string, text: string, mode: number, durable = false): void {
  attempt(`write "${path}"`, (addon) => addon.writeAtomic(path, text, mode, durable), NO_PARENT);
}

/** Creates a file; fails with EEXIST where anything, even a dangling symlink, has the name. Source: open(2). */
export function createFile(path: string, text: string, mode: number): void {
  attempt(`create "${path}"`, (addon) => addon.createFile(path, text, mode), NO_PARENT);
}

/** Writes into a file that is there, in one write(2): for cgroupfs and procfs. Source: cgroups(7). */
export function writeExisting(path: string, text: string): void {
  attempt(`write ${JSON.stringify(text)} to "${path}"`, (addon) => addon.writeExisting(path, text));
}

/** Appends in one write(2), and creates the file where it is missing. Source: open(2), O_APPEND. */
export function appendText(path: string, text: string, mode: number): void {
  attempt(`append to "${path}"`, (addon) => addon.appendText(path, text, mode), NO_PARENT);
}

/** Makes one directory; fails with EEXIST. Source: mkdir(2). */
export function makeDir(path: string, mode: number): void {
  attempt(`create the directory "${path}"`, (addon) => addon.makeDir(path, mode), NO_PARENT);
}

/** Makes a directory and those above it, where they are missing. Source: mkdir(2). */
export function makeDirs(path: string, mode: number): void {
  attempt(`create the directory "${path}"`, (addon) => addon.makeDirs(path, mode));
}

/** Removes an empty directory. Source: rmdir(2). */
export function removeDir(path: string): void {
  attempt(`remove the directory "${path}"`, (addon) => addon.removeDir(path));
}

/** Removes a file, socket or symlink. Source: unlink(2). */
export function unlink(path: string): void {
  attempt(`remove "${path}"`, (addon) => addon.unlink(path));
}

/** The names in a directory without "." and "..", in no order. Source: readdir(3). */
export function listDir(path: string): string[] {
  return attempt(`list the directory "${path}"`, (addon) => addon.listDir(path, false));
}

/** The names of the directories in a directory, links to others not among them, in no order. Source: readdir(3), d_type. */
export function listSubdirectories(path: string): string[] {
  return attempt(`list the directory "${path}"`, (addon) => addon.listDir(path, true));
}

/** Whether the filesystem of a directory, which must not be empty, tells a file's type with its name. Source: readdir(3), d_type. */
export function tellsFileTypes(directory: string): boolean {
  return attempt(`list the directory "${directory}"`, (addon) => addon.tellsTypes(directory));
}

/** The types of a file by st_mode's upper four bits. Source: inode(7). */
const FILE_TYPES = {
  1: "fifo",
  2: "character device",
  4: "directory",
  6: "block device",
  8: "file",
  10: "symlink",
  12: "socket",
} as const;

export type FileType = (typeof FILE_TYPES)[keyof typeof FILE_TYPES];

/** What has this name, itself and not what it links to; undefined where nothing has it. Source: lstat(2). */
export function pathType(path: string): FileType | undefined {
  const mode = attempt(`look at "${path}"`, (addon) => addon.fileMode(path));
  if (mode === undefined) return undefined;
  const types: Readonly<Record<number, FileType>> = FILE_TYPES;
  return types[mode >> 12];
}

/** Whether the effective user may write there; false also where nothing is. Source: faccessat(2). */
export function isWritable(path: string): boolean {
  return attempt(`look at "${path}"`, (addon) => addon.isWritable(path));
}

/** The absolute path without symlinks. Source: realpath(3). */
export function realPath(path: string): string {
  return attempt(`resolve "${path}"`, (addon) => addon.realPath(path));
}

/** What a symlink points to, also one in /proc whose target is no path, such as "net:[4026531840]". Source: readlink(2). */
export function readLink(path: string): string {
  return attempt(`read the link "${path}"`, (addon) => addon.readLink(path));
}

/**
 * Removes an empty directory or file inside a root filesystem, whose symlinks cannot lead out of it. What is not empty,
 * or gone, stays as it is. Source: openat2(2), RESOLVE_IN_ROOT.
 */
export function removeInRoot(root: string, path: string): void {
  attempt(`remove "${path}" from "${root}"`, (addon) => addon.removeInRoot(root, path));
}

/** Opens what exists; `flags` are those of open(2), and O_CLOEXEC and O_NOCTTY are added. The caller closes it. */
export function openFile(path: string, flags: number): number {
  return attempt(`open "${path}"`, (addon) => addon.openFile(path, flags));
}

/**
 * Opens what a path means inside a root filesystem, whose symlinks cannot lead out of it; `flags` are those of open(2),
 * and O_CLOEXEC and O_NOCTTY are added. The caller closes it. Source: openat2(2), RESOLVE_IN_ROOT.
 */
export function openInRoot(root: string, path: string, flags: number): number {
  return attempt(`open "${path}" in "${root}"`, (addon) => addon.openInRoot(root, path, flags));
}

/**
 * Waits for the lock of a directory and takes it for this process and whoever inherits the descriptor; closing the
 * last copy unlocks. What is locked has the name at that time, and not a removed directory. Source: flock(2).
 */
export function lockDir(path: string): number {
  const fd = attempt(`lock the directory "${path}"`, (addon) => addon.lockDir(path, true));
  if (fd === undefined) throw new TypeError("a lock that was waited for is held");
  return fd;
}

/** As lockDir, but undefined at once where another holds the lock. */
export function tryLockDir(path: string): number | undefined {
  return attempt(`lock the directory "${path}"`, (addon) => addon.lockDir(path, false));
}

/** Begins to bring to the disk what was written to a directory's filesystem, for syncFilesystem, and waits for nothing. */
export function beginSync(directory: number): void {
  attempt("begin to bring files to the disk", (addon) => addon.beginSync(directory));
}

/**
 * Brings all that was written to a directory's filesystem to the disk. Throws SystemError, also for what failed to be written
 * since the directory was opened. Source: syncfs(2).
 */
export function syncFilesystem(directory: number): void {
  attempt("bring files to the disk", (addon) => addon.syncFilesystem(directory));
}

/** Whether a lock may be held by several processes at once, or by one. */
export type LockKind = "shared" | "exclusive";

/**
 * As lockDir, of a file that is created where it is missing. Whoever holds the exclusive lock may remove the file: others
 * that wait for it then lock a new one. Source: flock(2).
 */
export function lockFile(path: string, kind: LockKind): number {
  const fd = attempt(`lock "${path}"`, (addon) => addon.lockFile(path, kind === "shared", true), NO_PARENT);
  if (fd === undefined) throw new TypeError("a lock that was waited for is held");
  return fd;
}

/** Whether somebody has a file's exclusive lock; false where there is no file. Source: flock(2). */
export function isLocked(path: string): boolean {
  return attempt(`look at the lock "${path}"`, (addon) => addon.isLocked(path));
}

/** As lockFile, but undefined at once where another's lock is in the way. */
export function tryLockFile(path: string, kind: LockKind): number | undefined {
  return attempt(`lock "${path}"`, (addon) => addon.lockFile(path, kind === "shared", false), NO_PARENT);
}
