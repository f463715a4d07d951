import { PERMISSIONS, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import {
  type ByteString,
  type EntryKind,
  lookTree,
  nextDataRange,
  openTree,
  openTreeFile,
  openTreeList,
  readAt,
  readTreeLink,
  readTreeXattrs,
  type TreeEntry,
  type TreeFacts,
  type TreeList,
  type Xattr,
} from "../../sys/tree.ts";
import { unlessReplaced } from "../../sys/unless-missing.ts";
import type { TarEntry } from "./tar-entry.ts";
import { END_OF_ARCHIVE, padding, tarHeader } from "./tar-writer.ts";
import { OPAQUE_NAME, whiteoutName } from "./whiteout.ts";

/** Takes a part of the archive; it must be done with it when the promise is fulfilled. Until then no other part comes. */
export type ArchiveSink = (chunk: Uint8Array) => Promise<void> | void;

export interface PackOptions {
  /** Whether the tree is an overlay's upper layer: its whiteouts become those of OCI. */
  readonly isLayer: boolean;
  /** Paths that are left out, with all below them. */
  readonly leavesOut?: (path: ByteString, facts: TreeFacts) => boolean;
  /** Whether what is below the layer is hidden as a whole, because the tree has everything. */
  readonly hidesBelow?: boolean;
  /** What every file's owner becomes; absent: it stays. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Changes entries' modification times, for archives that are the same every time. */
  readonly seconds?: number;
}

/** The archive goes out in parts of this size. */
const BUFFER_BYTES = 1 << 20;

/** Packs a tree of files, which may change meanwhile and may be hostile, as a tar archive. Gives the bytes of its files. */
export async function packTree(directory: string, sink: ArchiveSink, options: PackOptions): Promise<number> {
  const packer = new TreePacker(sink, options);
  const root = openTree(directory);
  try {
    await packer.root(root);
  } finally {
    close(root);
  }
  await packer.finish();
  return packer.sizeBytes;
}

/** Packs one entry of a directory, with all that is in it, under another name; "" for what is in a directory alone. */
export async function packEntry(
  { parent, name, as }: { readonly parent: number; readonly name: ByteString; readonly as: ByteString },
  sink: ArchiveSink,
): Promise<void> {
  const packer = new TreePacker(sink, { isLayer: false });
  await packer.entry(parent, name, as);
  await packer.finish();
}

class TreePacker {
  readonly #sink: ArchiveSink;
  readonly #options: PackOptions;
  /** One is filled while the other one is with the sink. */
  #buffer = Buffer.alloc(BUFFER_BYTES);
  #other = Buffer.alloc(BUFFER_BYTES);
  #sent: Promise<void> | undefined;
  #used = 0;
  /** The first name of a file with several. */
  readonly #links = new Map<string, ByteString>();
  sizeBytes = 0;

  constructor(sink: ArchiveSink, options: PackOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  async root(root: number): Promise<void> {
    const facts = lookTree(root, ".");
    // A layer that says nothing of the root leaves it as it is below.
    if (facts !== undefined && !this.#options.isLayer) await this.#header(root, ".", ".", facts, "directory", {});
    if (facts !== undefined && this.#options.isLayer && isOpaque(root, ".", facts)) await this.#opaque("", facts);
    if (facts !== undefined && this.#options.hidesBelow === true) await this.#opaque("", facts);
    await this.#directory(root, ".", "");
  }

  async entry(parent: number, name: ByteString, as: ByteString): Promise<void> {
    if (as === "") return await this.#directory(parent, name, "");
    const facts = lookTree(parent, name);
    if (facts !== undefined) await this.#entry(parent, { ...facts, name }, as);
  }

  async finish(): Promise<void> {
    await this.#put(END_OF_ARCHIVE);
    await this.#flush();
    await this.#sent;
  }

  async #directory(parent: number, name: ByteString, prefix: ByteString): Promise<void> {
    const list = unlessReplaced(() => openTreeList(parent, name, false));
    if (list === undefined) return;
    try {
      for (let index = await this.#plainFiles(list, 0, prefix); index < list.count; ) {
        const entry = list.entry(index);
        await this.#entry(list.fd, entry, `${prefix}${entry.name}`);
        index = await this.#plainFiles(list, index + 1, prefix);
      }
    } finally {
      close(list.fd);
    }
  }

  /** Packs files as long as they are small and plain, as most are. Gives the index of the entry that is next. */
  async #plainFiles(list: TreeList, from: number, prefix: ByteString): Promise<number> {
    if (this.#options.leavesOut !== undefined) return from;
    const { owner, seconds } = this.#options;
    for (let index = from; ; await this.#flush()) {
      const packed = list.pack(index, { prefix, buffer: this.#buffer, position: this.#used, owner, seconds });
      index = packed.index;
      this.#used = packed.position;
      this.sizeBytes += packed.bytes;
      if (index === list.count || this.#used < BUFFER_BYTES / 2) return index;
    }
  }

  async #entry(directory: number, entry: TreeEntry, path: ByteString): Promise<void> {
    const type = entry.mode & S_IFMT;
    if (this.#options.leavesOut?.(path, entry) === true) return;
    if (this.#options.isLayer && type === S_IFCHR && entry.major === 0 && entry.minor === 0) {
      return await this.#empty(whiteoutName(path), entry);
    }
    if (type === S_IFDIR) {
      await this.#header(directory, entry.name, path, entry, "directory", {});
      if (this.#options.isLayer && isOpaque(directory, entry.name, entry)) await this.#opaque(`${path}/`, entry);
      return await this.#directory(directory, entry.name, `${path}/`);
    }
    if (entry.links > 1 && (await this.#hardlink(directory, entry, path))) return;
    await this.#leaf(directory, entry, path, type);
  }

  async #leaf(directory: number, entry: TreeEntry, path: ByteString, type: number): Promise<void> {
    if (type === S_IFREG) return await this.#file(directory, entry, path);
    if (type === S_IFLNK) {
      const target = unlessReplaced(() => readTreeLink(directory, entry.name));
      if (target === undefined) return;
      return await this.#header(directory, entry.name, path, entry, "symlink", { target });
    }
    const kind = DEVICE_KINDS.get(type);
    // A socket means nothing without the process behind it.
    if (kind !== undefined) await this.#header(directory, entry.name, path, entry, kind, {});
  }

  async #hardlink(directory: number, entry: TreeEntry, path: ByteString): Promise<boolean> {
    const key = `${entry.device}:${entry.inode}`;
    const target = this.#links.get(key);
    if (target === undefined) this.#links.set(key, path);
    else await this.#header(directory, entry.name, path, { ...entry, hasXattrs: false }, "hardlink", { target });
    return target !== undefined;
  }

  /** What is gone meanwhile is left out. */
  async #file(directory: number, listed: TreeEntry, path: ByteString): Promise<void> {
    const hasXattrs = lookTree(directory, listed.name)?.hasXattrs === true;
    const fd = unlessReplaced(() => openTreeFile(directory, listed.name));
    if (fd === undefined) return;
    try {
      const { size } = listed;
      await this.#header(directory, listed.name, path, { ...listed, hasXattrs }, "file", { size });
      this.sizeBytes += size;
      await this.#content(fd, listed);
      await this.#put(padding(size));
    } finally {
      close(fd);
    }
  }

  /** A file that shrank meanwhile is filled up: its size was told already. */
  async #content(fd: number, { size, blocks }: TreeEntry): Promise<void> {
    if (size > BUFFER_BYTES - this.#used) await this.#flush();
    if (size <= BUFFER_BYTES - this.#used) {
      const room = this.#buffer.subarray(this.#used, this.#used + size);
      room.fill(0, readAt(fd, room, 0));
      this.#used += size;
      return;
    }
    const isSparse = blocks * 512 < size;
    for (let position = 0; position < size; position += BUFFER_BYTES) {
      const length = Math.min(BUFFER_BYTES, size - position);
      const part = this.#buffer.subarray(0, length);
      part.fill(0, isSparse && isHole(fd, position, length) ? 0 : readAt(fd, part, position));
      await this.#send(part);
    }
  }

  /** A file without content that tells of what is below the layer. */
  async #empty(path: ByteString, facts: TreeFacts): Promise<void> {
    await this.#put(
      tarHeader({ ...this.#metadata(facts, "file"), mode: 0, name: path, target: "", size: 0, xattrs: [] }),
    );
  }

  async #opaque(prefix: ByteString, facts: TreeFacts): Promise<void> {
    await this.#empty(`${prefix}${OPAQUE_NAME}`, facts);
  }

  async #header(
    directory: number,
    name: ByteString,
    path: ByteString,
    facts: TreeFacts,
    kind: EntryKind,
    { target = "", size = 0 }: { readonly target?: ByteString; readonly size?: number },
  ): Promise<void> {
    const xattrs = facts.hasXattrs ? readXattrs(directory, name).filter(isKept) : [];
    await this.#put(tarHeader({ ...this.#metadata(facts, kind), name: path, target, size, xattrs }));
  }

  #metadata(facts: MetadataFacts, kind: EntryKind): Omit<TarEntry, "name" | "target" | "size" | "xattrs"> {
    const { uid, gid } = this.#options.owner ?? facts;
    const seconds = this.#options.seconds ?? facts.seconds;
    const { mode, major, minor } = facts;
    return { kind, mode: mode & PERMISSIONS, uid, gid, seconds, nanoseconds: 0, major, minor };
  }

  async #put(bytes: Buffer): Promise<void> {
    if (bytes.length > BUFFER_BYTES - this.#used) await this.#flush();
    if (bytes.length > BUFFER_BYTES) return await this.#send(bytes);
    bytes.copy(this.#buffer, this.#used);
    this.#used += bytes.length;
  }

  async #flush(): Promise<void> {
    if (this.#used > 0) await this.#send(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  /** Gives a part to the sink, once that is done with the one before, and goes on with the other buffer. */
  async #send(part: Uint8Array): Promise<void> {
    await this.#sent;
    this.#sent = Promise.resolve(this.#sink(part));
    // Whoever sends next, or ends, gets the failure.
    this.#sent.catch(() => {});
    [this.#buffer, this.#other] = [this.#other, this.#buffer];
  }
}

type MetadataFacts = Pick<TreeFacts, "mode" | "uid" | "gid" | "seconds" | "major" | "minor">;

const DEVICE_KINDS: ReadonlyMap<number, EntryKind> = new Map([
  [S_IFCHR, "character"],
  [S_IFBLK, "block"],
  [S_IFIFO, "fifo"],
]);

/** The overlay's own marks are no files' attributes, and labels of the host's policy mean nothing elsewhere. */
function isKept({ name }: Xattr): boolean {
  return !/^(trusted|user)\.(overlay|fuseoverlayfs)\.|^security\.(selinux|ima|evm)$|^system\./.test(name);
}

const OPAQUE_MARKS: readonly string[] = ["trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"];

function isOpaque(directory: number, name: ByteString, facts: TreeFacts): boolean {
  if (!facts.hasXattrs) return false;
  const marks = readXattrs(directory, name).filter((xattr) => OPAQUE_MARKS.includes(xattr.name));
  return marks.some(({ value }) => Buffer.from(value).toString() === "y");
}

function readXattrs(directory: number, name: ByteString): readonly Xattr[] {
  return unlessReplaced(() => readTreeXattrs(directory, name)) ?? [];
}

function isHole(fd: number, position: number, length: number): boolean {
  const range = nextDataRange(fd, position);
  return range === undefined || range[0] >= position + length;
}
