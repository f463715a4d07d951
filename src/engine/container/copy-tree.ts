import { chmodSync, chownSync } from "node:fs";
import { S_IFMT } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import {
  type ByteString,
  createTreeFile,
  type EntryKind,
  type EntryMetadata,
  finishFile,
  listTree,
  lookTree,
  makeEntry,
  nextDataRange,
  openTree,
  openTreeFile,
  readAt,
  readTreeLink,
  readTreeXattrs,
  setTreeTime,
  setTreeXattr,
  type TreeFacts,
  writeAt,
} from "../../sys/tree.ts";

/**
 * Copies what is in the directory of a descriptor into a directory, with owners, modes, times, extended attributes and
 * links, and gives the target the owner and mode of the source. Both are resolved entry by entry. Throws SystemError.
 */
export function copyTree(source: number, target: string): void {
  const root = openTree(target);
  const links = new Map<string, ByteString>();
  try {
    copyDirectory({ parent: source, name: ".", root, path: "", links });
  } finally {
    close(root);
  }
  const facts = lookTree(source, ".");
  if (facts === undefined) return;
  chownSync(target, facts.uid, facts.gid);
  chmodSync(target, facts.mode & 0o7777);
}

interface CopyPlace {
  readonly parent: number;
  readonly name: ByteString;
  readonly root: number;
  readonly path: ByteString;
  /** "device:inode" → where the first of several hard links was copied to. */
  readonly links: Map<string, ByteString>;
}

function copyDirectory({ parent, name, root, path, links }: CopyPlace): void {
  const { fd, entries } = listTree(parent, name);
  try {
    for (const entry of entries) {
      const place = path === "" ? entry.name : `${path}/${entry.name}`;
      copyEntry({ parent: fd, name: entry.name, root, path: place, links }, entry);
    }
  } finally {
    close(fd);
  }
}

/** Copies one entry, and what is in it where it is a directory. */
export function copyEntry(place: CopyPlace, facts: TreeFacts): void {
  const { parent, name, root, path, links } = place;
  const kind = kindOf(facts);
  if (kind === undefined) return; // a socket
  const key = `${facts.device}:${facts.inode}`;
  const first = kind !== "directory" && facts.links > 1 ? links.get(key) : undefined;
  if (first !== undefined) {
    makeEntry(root, path, metadataOf(facts, "hardlink"), { target: first });
    return;
  }
  if (kind === "file") copyFile(place, facts);
  else makeEntry(root, path, metadataOf(facts, kind), kind === "symlink" ? { target: readTreeLink(parent, name) } : {});
  if (facts.links > 1) links.set(key, path);
  if (facts.hasXattrs)
    for (const xattr of readTreeXattrs(parent, name)) setTreeXattr(root, path, xattr.name, xattr.value);
  if (kind !== "directory") return;
  copyDirectory(place);
  setTreeTime(root, path, facts.seconds, facts.nanoseconds);
}

const BUFFER_BYTES = 1 << 20;

function copyFile({ parent, name, root, path }: CopyPlace, facts: TreeFacts): void {
  const from = openTreeFile(parent, name);
  const to = createTreeFile(root, path);
  const buffer = new Uint8Array(Math.min(BUFFER_BYTES, Math.max(1, facts.size)));
  try {
    for (let range = nextDataRange(from, 0); range !== undefined; range = nextDataRange(from, range[1])) {
      for (let at = range[0]; at < range[1]; ) {
        const part = buffer.subarray(0, Math.min(buffer.length, range[1] - at));
        const length = readAt(from, part, at);
        if (length === 0) break;
        writeAt(to, part.subarray(0, length), at);
        at += length;
      }
    }
    finishFile(to, facts.size, metadataOf(facts, "file"));
  } finally {
    close(to);
    close(from);
  }
}

export function metadataOf(
  { mode, uid, gid, seconds, nanoseconds, major, minor }: TreeFacts,
  kind: EntryKind,
): EntryMetadata {
  return { kind, mode: mode & 0o7777, uid, gid, seconds, nanoseconds, major, minor };
}

/** By st_mode's type bits; a map, because octal names of members are not read alike by all engines. Source: inode(7). */
const KINDS: ReadonlyMap<number, EntryKind> = new Map([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
  [0o020000, "character"],
  [0o060000, "block"],
  [0o010000, "fifo"],
]);

export function kindOf({ mode }: TreeFacts): EntryKind | undefined {
  return KINDS.get(mode & S_IFMT);
}
