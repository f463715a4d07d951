import { OPEN_DIRECTORY } from "../linux/open-flags.ts";
import { attempt } from "./native.ts";

/**
 * Trees of files that may be hostile. Names are bytes: strings here have one character for each byte (Latin-1), whatever
 * the encoding of the name. Paths are relative to the root's descriptor, below which the kernel keeps them. Every function
 * throws SystemError.
 */

/** The bytes of a file name, one character each. */
export type ByteString = string;

/** In the order of native/addon_extract.c. */
export const ENTRY_KINDS = ["file", "directory", "symlink", "hardlink", "character", "block", "fifo"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface EntryMetadata {
  readonly kind: EntryKind;
  /** Permissions, with set-id and sticky bits. */
  readonly mode: number;
  /** -1: that of this process. */
  readonly uid: number;
  readonly gid: number;
  /** Since 1970. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Of a device. */
  readonly major: number;
  readonly minor: number;
}

const NOTHING = new Uint8Array(0);

/**
 * Makes an entry with its owner, mode and time; whatever has the name already goes, but a directory that is to be one.
 * Directories above it are made where they are missing. `target` is that of a link, `data` a file's whole content. True
 * where a whiteout had the name. EXDEV: a symbolic link leads out of the root.
 */
export function makeEntry(
  root: number,
  path: ByteString,
  metadata: EntryMetadata,
  { target = "", data = NOTHING }: { readonly target?: ByteString; readonly data?: Uint8Array } = {},
): boolean {
  return attempt(`extract "${shownBytes(path)}"`, (addon) =>
    addon.treeMake(root, path, metadataNumbers(metadata), target, data),
  );
}

/** Makes a file that is written in parts; finishFile gives it the rest. The caller closes the descriptor. */
export function createTreeFile(root: number, path: ByteString): number {
  return attempt(`extract "${shownBytes(path)}"`, (addon) => addon.treeCreate(root, path));
}

export function finishFile(fd: number, sizeBytes: number, metadata: EntryMetadata): void {
  attempt("finish a file", (addon) => addon.treeFinish(fd, sizeBytes, metadataNumbers(metadata)));
}

/** Source: lsetxattr(2). */
export function setTreeXattr(root: number, path: ByteString, name: ByteString, value: Uint8Array): void {
  attempt(`set the extended attribute "${shownBytes(name)}" of "${shownBytes(path)}"`, (addon) =>
    addon.treeSetXattr(root, path, name, value),
  );
}

export function setTreeTime(root: number, path: ByteString, seconds: number, nanoseconds: number): void {
  attempt(`set the time of "${shownBytes(path)}"`, (addon) => addon.treeSetTime(root, path, seconds, nanoseconds));
}

/** What is known of a file without opening it. */
export interface TreeFacts {
  /** st_mode: type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly links: number;
  readonly inode: number;
  /** Of the filesystem that it is on. */
  readonly device: number;
  /** Of the device that it is. */
  readonly major: number;
  readonly minor: number;
  /** Of 512 bytes, allocated. */
  readonly blocks: number;
  readonly hasXattrs: boolean;
}

export interface TreeEntry extends TreeFacts {
  readonly name: ByteString;
}

export interface TreeListing {
  /** The directory's; the caller closes it. */
  readonly fd: number;
  /** Sorted by the bytes of their names. */
  readonly entries: readonly TreeEntry[];
}

/** Opens the root of a tree, to be resolved below; the caller closes it. */
export function openTree(path: string): number {
  return attempt(`open the directory "${path}"`, (addon) => addon.openFile(path, OPEN_DIRECTORY));
}

/**
 * Lists a directory of the directory `parent`, "." for itself; a symbolic link is none. Without `withFileXattrs` regular
 * files are told to have none, which saves looking at each by its name.
 */
export function listTree(parent: number, name: ByteString, withFileXattrs = true): TreeListing {
  const [fd, names, numbers] = attempt(`list "${shownBytes(name)}"`, (addon) =>
    addon.treeList(parent, name, withFileXattrs),
  );
  const entries = names.map((entry, index) => ({ name: entry, ...factsAt(numbers, index) }));
  return { fd, entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Looks at a path below the root, not at what it links to; undefined where there is nothing. */
export function lookTree(root: number, path: ByteString): TreeFacts | undefined {
  const numbers = attempt(`look at "${shownBytes(path)}"`, (addon) => addon.treeLook(root, path));
  return numbers === undefined ? undefined : factsAt(numbers, 0);
}

export function readTreeLink(parent: number, name: ByteString): ByteString {
  return attempt(`read the link "${shownBytes(name)}"`, (addon) => addon.treeReadLink(parent, name));
}

/** Opens a regular file for reading; EINVAL where it is something else. */
export function openTreeFile(parent: number, name: ByteString): number {
  return attempt(`open "${shownBytes(name)}"`, (addon) => addon.treeOpen(parent, name));
}

/** What a file's header in an archive tells; `mode` has permissions only. */
export type PackedFacts = Pick<TreeFacts, "mode" | "uid" | "gid" | "size" | "seconds">;

/**
 * Packs a regular file under this path into a buffer, from the position on: ustar header, content, padding. Gives the
 * position behind it; undefined where it does not fit, or takes more than that header (extended attributes, long or
 * uncommon names, large numbers).
 */
export function packTreeFile(
  { directory, name, path }: { readonly directory: number; readonly name: ByteString; readonly path: ByteString },
  { mode, uid, gid, size, seconds }: PackedFacts,
  buffer: Uint8Array,
  position: number,
): number | undefined {
  return attempt(`read "${shownBytes(name)}"`, (addon) =>
    addon.treePack(directory, name, path, Float64Array.of(mode, uid, gid, size, seconds), buffer, position),
  );
}

/** Reads a regular file's beginning into the whole buffer. Returns how many bytes there were. */
export function readTreeFile(parent: number, name: ByteString, buffer: Uint8Array): number {
  return attempt(`read "${shownBytes(name)}"`, (addon) => addon.treeRead(parent, name, buffer));
}

export interface Xattr {
  readonly name: ByteString;
  readonly value: Uint8Array;
}

/** The extended attributes that this process may read. Source: llistxattr(2). */
export function readTreeXattrs(parent: number, name: ByteString): readonly Xattr[] {
  const flat = attempt(`read the extended attributes of "${shownBytes(name)}"`, (addon) =>
    addon.treeXattrs(parent, name),
  );
  const xattrs: Xattr[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [key, value] = [flat[index], flat[index + 1]];
    if (typeof key === "string" && value instanceof Uint8Array) xattrs.push({ name: key, value });
  }
  return xattrs;
}

/** Fills the buffer from a position of a file; returns how much was read, which is less only at its end. */
export function readAt(fd: number, buffer: Uint8Array, position: number): number {
  return attempt("read a file", (addon) => addon.readAt(fd, buffer, position));
}

/** Writes all of it. Source: pwrite(2). */
export function writeAt(fd: number, data: Uint8Array, position: number): void {
  attempt("write a file", (addon) => addon.writeAt(fd, data, position));
}

/** The next part of a file that is no hole, [start, end); undefined where only holes follow. Source: lseek(2). */
export function nextDataRange(fd: number, position: number): readonly [start: number, end: number] | undefined {
  const range = attempt("look for holes in a file", (addon) => addon.dataRange(fd, position));
  return range === undefined ? undefined : [range[0] ?? 0, range[1] ?? 0];
}

/** Removes whatever has this name, with everything in it, however deep. Nothing there is fine. Source: unlinkat(2). */
export function removeTree(path: string): void {
  attempt(`remove "${path}"`, (addon) => addon.removeTree(path));
}

/** As removeTree, of a path below a root, which no symbolic link leads out of. */
export function removeInTree(root: number, path: ByteString): void {
  attempt(`remove "${shownBytes(path)}"`, (addon) => addon.treeRemove(root, path));
}

/** The bytes of a name as text, for messages. */
export function shownBytes(bytes: ByteString): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** A text's bytes in UTF-8, as a name. */
export function toByteString(text: string): ByteString {
  return Buffer.from(text, "utf8").toString("latin1");
}

function metadataNumbers(metadata: EntryMetadata): Float64Array {
  const { kind, mode, uid, gid, seconds, nanoseconds, major, minor } = metadata;
  return Float64Array.of(ENTRY_KINDS.indexOf(kind), mode, uid, gid, seconds, nanoseconds, major, minor);
}

/** How many numbers there are for a file; their order is that of native/addon_walk.c. */
const FACT_COUNT = 13;

function factsAt(numbers: Float64Array, index: number): TreeFacts {
  const at = (offset: number): number => numbers[index * FACT_COUNT + offset] ?? 0;
  return {
    mode: at(0),
    uid: at(1),
    gid: at(2),
    size: at(3),
    seconds: at(4),
    nanoseconds: at(5),
    links: at(6),
    inode: at(7),
    device: at(8),
    major: at(9),
    minor: at(10),
    blocks: at(11),
    hasXattrs: at(12) > 0,
  };
}
