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

/** Plain files that follow each other in an archive. */
export interface PlainFiles {
  /** Where they end in it. */
  readonly end: number;
  readonly count: number;
  /** Of their content. */
  readonly bytes: number;
  /** Whether all of them were made, or none. */
  readonly areMade: boolean;
  /** Where the headers of directories are, whose times are still to be set. */
  readonly directories: readonly number[];
}

/**
 * Makes the regular files and directories that follow each other from a position of a tar archive on, whose headers need no
 * other one, and all of whose content is in memory; in several threads. Where one of them cannot be made, because the
 * kernel refuses it or something has its name, none is; makeEntry, for one after the other, replaces or tells. Does not throw.
 */
export function unpackFiles(root: number, archive: Uint8Array, position: number): PlainFiles {
  const [end = position, count = 0, bytes = 0, areMade = 0, ...directories] = attempt("extract files", (addon) =>
    addon.treeUnpackFiles(root, archive, position),
  );
  return { end, count, bytes, areMade: areMade === 1, directories };
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

/** Of what has the name itself, also a symbolic link. Source: fchownat(2). */
export function changeTreeOwner(parent: number, name: ByteString, uid: number, gid: number): void {
  attempt(`change the owner of "${shownBytes(name)}"`, (addon) => addon.treeChown(parent, name, uid, gid));
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

/** Lists a directory of the directory `parent`, "." for itself; a symbolic link is none. */
export function listTree(parent: number, name: ByteString): TreeListing {
  const { fd, count, entry } = openTreeList(parent, name, true);
  return { fd, entries: Array.from({ length: count }, (_, index) => entry(index)) };
}

/** A directory whose entries are made into objects one by one, in the order of TreeListing's. */
export interface TreeList {
  /** The directory's; the caller closes it. */
  readonly fd: number;
  readonly count: number;
  readonly entry: (index: number) => TreeEntry;
  readonly pack: (index: number, packing: Packing) => Packed;
}

/** Where files are packed to. */
export interface Packing {
  /** Before the names, in the archive. */
  readonly prefix: ByteString;
  readonly buffer: Uint8Array;
  readonly position: number;
  /** In place of what the files have; absent: it stays. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly seconds?: number | undefined;
}

export interface Packed {
  /** Of the first entry that was not packed. */
  readonly index: number;
  readonly position: number;
  /** Of the files' content. */
  readonly bytes: number;
}

/**
 * As listTree. Without `withFileXattrs` regular files are told to have none, which saves looking at each by its name. `pack`
 * writes regular files from an index on, ustar header, content and padding, and stops before what does not fit into the
 * buffer, is something else, has more names than one, or takes more than that header (extended attributes, long or
 * uncommon names, large numbers).
 */
export function openTreeList(parent: number, name: ByteString, withFileXattrs: boolean): TreeList {
  const [fd, names, numbers] = attempt(`list "${shownBytes(name)}"`, (addon) =>
    addon.treeList(parent, name, withFileXattrs),
  );
  const bytes = Buffer.from(names.buffer, names.byteOffset, names.byteLength);
  return {
    fd,
    count: numbers.length / LISTED_COUNT,
    entry: (index) => {
      const at = index * LISTED_COUNT;
      const start = numbers[at + FACT_COUNT] ?? 0;
      return { name: bytes.toString("latin1", start, bytes.indexOf(0, start)), ...factsAt(numbers, at) };
    },
    pack: (index, { prefix, buffer, position, owner = FILES_OWN, seconds = -1 }) => {
      const overrides = Float64Array.of(owner.uid, owner.gid, seconds);
      const [next = index, end = position, packedBytes = 0] = attempt("read files", (addon) =>
        addon.treePackFiles(fd, Buffer.from(prefix, "latin1"), names, numbers, index, overrides, buffer, position),
      );
      return { index: next, position: end, bytes: packedBytes };
    },
  };
}

const FILES_OWN = { uid: -1, gid: -1 };

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
  removeTrees([path]);
}

/** As removeTree, of up to four at once; one that fails keeps none of the others from being removed. Source: unlinkat(2). */
export function removeTrees(paths: readonly string[]): void {
  attempt(`remove "${paths.join('" and "')}"`, (addon) => addon.removeTrees(paths.length, ...paths));
}

/** As removeTree, of a path below a root, which no symbolic link leads out of. */
export function removeInTree(root: number, path: ByteString): void {
  attempt(`remove "${shownBytes(path)}"`, (addon) => addon.treeRemove(root, path));
}

const MAX_SHOWN_BYTES = 1000;

/** The bytes of a name as text, for messages; of a very long one the beginning. */
export function shownBytes(bytes: ByteString): string {
  return fromByteString(bytes.slice(0, MAX_SHOWN_BYTES)) + (bytes.length > MAX_SHOWN_BYTES ? "…" : "");
}

/** The bytes of a name as text. */
export function fromByteString(bytes: ByteString): string {
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

/** How many numbers there are for a file, in the order of native/addon_tree.h; in a listing, where its name begins is one more. */
const FACT_COUNT = 13;
const LISTED_COUNT = FACT_COUNT + 1;

function factsAt(numbers: Float64Array, start: number): TreeFacts {
  const at = (offset: number): number => numbers[start + offset] ?? 0;
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
