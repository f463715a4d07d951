import type { ByteString, EntryMetadata, Xattr } from "../../sys/tree.ts";

export const BLOCK_BYTES = 512;

/** Where a header has what. Source: tar(5), "POSIX ustar Archives". */
export const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const satisfies Readonly<Record<string, readonly [offset: number, length: number]>>;

/** The type flags of what becomes a file. Source: tar(5). */
export const TYPE_KINDS = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  D: "directory",
  S: "file",
} as const;

/** A part of a sparse file that is in the archive. */
export interface DataRange {
  readonly offset: number;
  readonly length: number;
}

/** One entry of an archive, whatever the dialect. */
export interface TarEntry extends EntryMetadata {
  readonly name: ByteString;
  readonly target: ByteString;
  /** Of the file, in bytes; what the archive holds of a sparse one is less. */
  readonly size: number;
  readonly xattrs: readonly Xattr[];
  /** Of a sparse file: what the archive holds, in order. */
  readonly ranges?: readonly DataRange[];
}
