import { SystemError } from "../../base/errors.ts";
import { errnoName } from "../../linux/errno.ts";
import { S_IFDIR, S_IFMT } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import {
  type ByteString,
  createTreeFile,
  type EntryMetadata,
  finishFile,
  listTree,
  lookTree,
  makeEntry,
  openTree,
  setTreeTime,
  setTreeXattr,
  shownBytes,
  unpackFiles,
  writeAt,
  type Xattr,
} from "../../sys/tree.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { moreIdsFix } from "../base/user-ids.ts";
import { archiveError } from "./archive-error.ts";
import { entryPath } from "./entry-name.ts";
import { DEFAULT_LIMITS, ExtractCount, type ExtractLimits } from "./extract-limits.ts";
import type { DataRange, TarEntry } from "./tar-entry.ts";
import { parseHeader } from "./tar-header.ts";
import type { TarHandler } from "./tar-reader.ts";
import { opaqueXattr, WHITEOUT, type Whiteout, whiteoutOf } from "./whiteout.ts";

export interface ExtractOptions {
  /** What a layer says of files below it means something only where there are any. */
  readonly hasParent: boolean;
  /** The directories of the layers below, for a layer that hides all of them: an overlay has no mark for its root. */
  readonly lowers?: readonly string[];
  readonly limits?: ExtractLimits;
  /**
   * Plain files in place of a layer: whiteouts are files as any other, a directory replaces no file and a file no directory,
   * and the root of the archive leaves the directory as it is.
   */
  readonly isPlain?: boolean;
  /** What every file's owner becomes, -1 for this process's; absent: it stays. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

interface OpenFile {
  readonly fd: number;
  readonly entry: TarEntry;
  readonly path: ByteString;
  readonly ranges: readonly DataRange[];
  range: number;
  /** In the range. */
  position: number;
}

/**
 * Makes an archive's files in an empty directory, as an overlay's layer: OCI's whiteouts become the overlay's. Every path is
 * resolved by the kernel below the directory; what would lead out of it is refused. Throws EngineError, SystemError.
 */
export class LayerExtractor implements TarHandler {
  readonly #root: number;
  readonly #hasParent: boolean;
  readonly #lowers: readonly string[];
  #hidesAll = false;
  readonly #count: ExtractCount;
  readonly #inUserNamespace = isInUserNamespace();
  readonly #directories: { path: ByteString; seconds: number; nanoseconds: number }[] = [];
  #file: OpenFile | undefined;
  /** How many of the files that come next are not to be made at once with others. */
  #oneByOne = 0;

  readonly #isPlain: boolean;
  readonly #owner: ExtractOptions["owner"];

  constructor(directory: string, options: ExtractOptions) {
    const { hasParent, lowers = [], limits = DEFAULT_LIMITS, isPlain = false, owner } = options;
    this.#root = openTree(directory);
    this.#isPlain = isPlain;
    this.#owner = owner;
    this.#hasParent = hasParent;
    this.#lowers = lowers;
    this.#count = new ExtractCount(limits);
  }

  /** What all files take by their sizes. */
  get sizeBytes(): number {
    return this.#count.bytes;
  }

  get entries(): number {
    return this.#count.entries;
  }

  entry(entry: TarEntry, data: Uint8Array): void {
    const path = entryPath(entry.name);
    const whiteout = this.#isPlain ? undefined : whiteoutOf(path);
    this.#count.add(1, data.length);
    if (this.#isPlain && path === ".") return;
    if (whiteout !== undefined) explained(entry, () => this.#hide(whiteout));
    else if (!this.#isUnmakeable(entry)) explained(entry, () => this.#make(path, entry, data));
  }

  /** Where something is in the way of one of them, all of them come as entries. */
  files(archive: Buffer, at: number): number {
    if (this.#isPlain || this.#owner !== undefined) return at;
    if (this.#oneByOne > 0) {
      this.#oneByOne--;
      return at;
    }
    const { end, count, bytes, areMade, directories } = unpackFiles(this.#root, archive, at);
    if (!areMade) {
      this.#oneByOne = count - 1;
      return at;
    }
    this.#count.add(count, bytes);
    for (const header of directories) {
      const { name, mtime } = parseHeader(archive, header);
      this.#directories.push({ path: entryPath(name), seconds: mtime, nanoseconds: 0 });
    }
    return end;
  }

  begin(entry: TarEntry): void {
    const path = entryPath(entry.name);
    if (!this.#isPlain && whiteoutOf(path) !== undefined)
      throw archiveError(`Cannot extract "${shownBytes(path)}": a whiteout has no data`);
    this.#count.add(1, 0);
    const fd = explained(entry, () => {
      this.#checkReplaced(path, entry);
      return createTreeFile(this.#root, path);
    });
    const ranges = entry.ranges ?? [{ offset: 0, length: entry.size }];
    this.#file = { fd, entry, path, ranges, range: 0, position: 0 };
  }

  data(data: Uint8Array): void {
    const file = this.#openFile();
    this.#count.add(0, data.length);
    for (let done = 0; done < data.length; ) {
      const range = file.ranges[file.range];
      if (range === undefined) throw archiveError(`Cannot extract "${shownBytes(file.path)}": it has too much data`);
      const length = Math.min(data.length - done, range.length - file.position);
      if (length > 0) writeAt(file.fd, data.subarray(done, done + length), range.offset + file.position);
      done += length;
      file.position += length;
      if (file.position === range.length) {
        file.range++;
        file.position = 0;
      }
    }
  }

  end(): void {
    const { fd, entry, path } = this.#openFile();
    explained(entry, () => finishFile(fd, entry.size, this.#owned(entry)));
    close(fd);
    this.#file = undefined;
    this.#setXattrs(path, entry.xattrs);
  }

  /** Does what comes last: what a layer that hides everything hides, and directories' times. */
  finish(): void {
    if (this.#hidesAll) for (const lower of this.#lowers) this.#hideNamesOf(lower);
    for (const { path, seconds, nanoseconds } of this.#directories.reverse()) {
      setTreeTime(this.#root, path, seconds, nanoseconds);
    }
  }

  /** Closes what is open, in any state. */
  close(): void {
    if (this.#file !== undefined) close(this.#file.fd);
    this.#file = undefined;
    close(this.#root);
  }

  #openFile(): OpenFile {
    if (this.#file === undefined) throw new TypeError("data belongs to a file");
    return this.#file;
  }

  #make(path: ByteString, entry: TarEntry, data: Uint8Array): void {
    const target = entry.kind === "hardlink" ? entryPath(entry.target) : entry.target;
    this.#checkReplaced(path, entry);
    const replacedWhiteout = makeEntry(this.#root, path, this.#owned(entry), { target, data });
    if (entry.kind === "directory") {
      this.#directories.push({ path, seconds: entry.seconds, nanoseconds: entry.nanoseconds });
      // The layer removes what was below, and puts a directory in its place.
      if (replacedWhiteout) this.#makeOpaque(path);
    }
    if (entry.kind !== "hardlink" && entry.xattrs.length > 0) this.#setXattrs(path, entry.xattrs);
  }

  #owned(entry: TarEntry): TarEntry {
    return this.#owner === undefined ? entry : { ...entry, ...this.#owner };
  }

  /** docker's rule for what is there already. */
  #checkReplaced(path: ByteString, { kind }: TarEntry): void {
    const there = this.#isPlain ? lookTree(this.#root, path) : undefined;
    if (there === undefined) return;
    const isDirectory = (there.mode & S_IFMT) === S_IFDIR;
    if (isDirectory === (kind === "directory")) return;
    throw archiveError(
      isDirectory
        ? `cannot overwrite directory "${shownBytes(path)}" with non-directory`
        : `cannot overwrite non-directory "${shownBytes(path)}" with directory`,
    );
  }

  #hide(whiteout: Whiteout): void {
    if (!this.#hasParent || whiteout.kind === "ignored") return;
    const there = whiteout.kind === "opaque" ? undefined : lookTree(this.#root, whiteout.path);
    // A whiteout hides what is below the layer, never what the layer itself has.
    if (whiteout.kind === "opaque" || (there !== undefined && (there.mode & S_IFMT) === S_IFDIR)) {
      this.#makeOpaque(whiteout.path);
    } else if (there === undefined) {
      makeEntry(this.#root, whiteout.path, WHITEOUT);
    }
  }

  #hideNamesOf(lower: string): void {
    const root = openTree(lower);
    try {
      const { fd, entries } = listTree(root, ".");
      close(fd);
      for (const { name } of entries) this.#hide({ kind: "file", path: name });
    } finally {
      close(root);
    }
  }

  #makeOpaque(path: ByteString): void {
    if (path === ".") {
      this.#hidesAll = true;
      return;
    }
    if (lookTree(this.#root, path) === undefined) makeEntry(this.#root, path, PLAIN_DIRECTORY);
    setTreeXattr(this.#root, path, opaqueXattr(this.#inUserNamespace), Buffer.from("y"));
  }

  /** The overlay's own attributes would let an image rearrange the layers below it. */
  #setXattrs(path: ByteString, xattrs: readonly Xattr[]): void {
    for (const { name, value } of xattrs) {
      if (/^(trusted|user)\.(overlay|fuseoverlayfs)\./.test(name)) continue;
      try {
        setTreeXattr(this.#root, path, name, value);
      } catch (error) {
        if (!isOptional(name, error)) throw error;
      }
    }
  }

  /** In a user namespace nobody makes devices: the runtime binds those that a container gets. */
  #isUnmakeable({ kind, major, minor }: TarEntry): boolean {
    const isDevice = kind === "block" || (kind === "character" && (major !== 0 || minor !== 0));
    return this.#inUserNamespace && isDevice;
  }
}

const PLAIN_DIRECTORY: EntryMetadata = { ...WHITEOUT, kind: "directory", mode: 0o755 };

/** File capabilities matter to what runs; other attributes stay away where the filesystem or the user may not have them. */
function isOptional(name: string, error: unknown): boolean {
  if (!(error instanceof SystemError) || name === "security.capability") return false;
  return ["EOPNOTSUPP", "EPERM"].includes(errnoName(error.failure.errno));
}

/** Says of the kernel's refusals what they mean here. */
function explained<T>(entry: TarEntry, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const name = errnoName(error.failure.errno);
    const shown = `Cannot extract "${shownBytes(entry.name)}"`;
    if (name === "EXDEV" || name === "ELOOP")
      throw archiveError(`${shown}: a symbolic link in its path leads out of the root`);
    if (name === "ENOTDIR") throw archiveError(`${shown}: its path leads through what is no directory`);
    if (name === "EINVAL" && isInUserNamespace()) {
      throw archiveError(
        `${shown}: its owner ${entry.uid}:${entry.gid} has no id in this user namespace`,
        moreIdsFix(),
      );
    }
    throw error;
  }
}
