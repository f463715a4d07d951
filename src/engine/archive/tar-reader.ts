import { shownBytes, type Xattr } from "../../sys/tree.ts";
import { archiveError } from "./archive-error.ts";
import { type PaxRecords, parsePaxRecords } from "./pax-records.ts";
import { readSparse, type Sparse } from "./read-sparse.ts";
import { BLOCK_BYTES, FIELDS, type TarEntry, TYPE_KINDS } from "./tar-entry.ts";
import { parseHeader, type RawHeader } from "./tar-header.ts";

/** Takes what an archive holds, in its order. */
export interface TarHandler {
  /** An entry with all its data, which is valid only during the call. */
  readonly entry: (entry: TarEntry, data: Uint8Array) => void;
  /** An entry whose data comes in parts. */
  readonly begin: (entry: TarEntry) => void;
  readonly data: (data: Uint8Array) => void;
  readonly end: () => void;
  /**
   * Takes regular files and directories from an offset on that need no more than their headers and are whole, as many as it
   * can and likes to; gives the offset behind them.
   */
  readonly files?: (archive: Buffer, at: number) => number;
}

/** The types of regular files and directories, "0" and "5". */
const PLAIN_TYPES: readonly number[] = [0x30, 0x35];
/** Files up to this size come whole. */
const WHOLE_BYTES = 1 << 20;
/** Long names and extended headers: a path has at most 4096 bytes, an extended attribute 64 KiB. */
export const MAX_EXTENSION_BYTES = 1 << 20;
/** It is read in parts of about this size, so that many files can be made at once. */
const READ_BYTES = 1 << 20;
const NOTHING = Buffer.alloc(0);

/** What headers of their own say of the entry that follows them. */
interface Extensions {
  longName?: string;
  longLink?: string;
  pax?: PaxRecords;
}

/**
 * Reads a tar archive that comes in parts of any size: ustar, pax, GNU with long names and all forms of sparse files, and
 * the old form. Extended attributes are those of SCHILY.xattr, byte for byte. What follows the end of the archive is
 * not looked at. Throws EngineError ERR_ARCHIVE. Sources: tar(5), pax(1), GNU tar's manual "Tar Internals".
 *
 * Why not tar-stream: it decodes names and extended attributes as UTF-8, which damages file capabilities, and knows no
 * sparse files.
 */
export class TarReader {
  readonly #handler: TarHandler;
  #buffer: Buffer = NOTHING;
  /** Of the buffer, from its start on. */
  #filled = 0;
  #extensions: Extensions = {};
  #isAtEnd = false;
  #isInBody = false;
  /** Of the entry that comes in parts: what is left of its data, and of its padding. */
  #left = 0;
  #padding = 0;

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  /** Takes the next part, which the caller may use again at once. It is read when there is more of it, or at the end. */
  write(part: Uint8Array): void {
    if (this.#isAtEnd) return;
    const chunk = this.#filled === 0 && this.#isInBody ? part.subarray(this.#pass(part)) : part;
    if (this.#filled + chunk.length > this.#buffer.length) this.#grow(this.#filled + chunk.length);
    this.#buffer.set(chunk, this.#filled);
    this.#filled += chunk.length;
    if (this.#filled >= READ_BYTES) this.#read();
  }

  /** Says that no more comes. Throws where the archive is cut off; umoci leaves the last padding and the end away. */
  close(): void {
    this.#read();
    const isBetween = this.#filled === 0 && !this.#isInBody;
    if (this.#isAtEnd || (isBetween && !hasAny(this.#extensions))) return;
    throw archiveError("Cannot read the archive: it is cut off");
  }

  /** Passes on, uncopied, what begins the part of a file that is read. Gives its length. */
  #pass(part: Uint8Array): number {
    const length = Math.min(this.#left, part.length);
    if (length > 0) this.#handler.data(part.subarray(0, length));
    this.#left -= length;
    return length;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = larger;
  }

  /** All that is there. The same memory is filled again: fresh memory takes longer than the copying. */
  #read(): void {
    const buffer = this.#buffer.subarray(0, this.#filled);
    let at = 0;
    for (let next = this.#step(buffer, at); next !== undefined; next = this.#step(buffer, at)) at = next;
    this.#buffer.copyWithin(0, at, this.#filled);
    this.#filled -= at;
  }

  /** Goes on from an offset; undefined where more is needed. */
  #step(buffer: Buffer, at: number): number | undefined {
    if (this.#isAtEnd) return undefined;
    if (this.#isInBody) return this.#bodyStep(buffer, at);
    if (this.#padding > 0) return this.#paddingStep(buffer, at);
    if (buffer.length - at < BLOCK_BYTES) return undefined;
    const next = this.#filesStep(buffer, at);
    if (next > at) return next;
    if (!isZero(buffer, at)) return this.#headerStep(buffer, at);
    this.#isAtEnd = true;
    return undefined;
  }

  #bodyStep(buffer: Buffer, at: number): number | undefined {
    const length = this.#pass(buffer.subarray(at));
    if (length === 0 && this.#left > 0) return undefined;
    if (this.#left === 0) {
      this.#isInBody = false;
      this.#handler.end();
    }
    return at + length;
  }

  #paddingStep(buffer: Buffer, at: number): number | undefined {
    const length = Math.min(this.#padding, buffer.length - at);
    if (length === 0) return undefined;
    this.#padding -= length;
    return at + length;
  }

  #filesStep(buffer: Buffer, at: number): number {
    const isPlain = PLAIN_TYPES.includes(buffer[at + FIELDS.type[0]] ?? 0) && !hasAny(this.#extensions);
    return isPlain ? (this.#handler.files?.(buffer, at) ?? at) : at;
  }

  #headerStep(buffer: Buffer, at: number): number | undefined {
    const header = parseHeader(buffer, at);
    const start = at + BLOCK_BYTES;
    if (EXTENSION_TYPES.includes(header.type)) return this.#extensionStep(header, buffer, start);
    const kinds: Readonly<Record<string, TarEntry["kind"]>> = TYPE_KINDS;
    const kind = kinds[header.type];
    if (kind !== undefined) return this.#entryStep(header, kind, buffer, start);
    const shown = `${JSON.stringify(header.type)} ("${shownBytes(header.name)}")`;
    throw archiveError(`Cannot read the archive: it has an entry of the unknown type ${shown}`);
  }

  #extensionStep({ type, size }: RawHeader, buffer: Buffer, start: number): number | undefined {
    if (size < 0) throw archiveError(`Cannot read the archive: ${size} is no size`);
    if (size > MAX_EXTENSION_BYTES) throw archiveError("Cannot read the archive: an extended header is over 1 MiB");
    const end = start + padded(size);
    if (buffer.length < end) return undefined;
    const body = buffer.subarray(start, start + size);
    if (type === "L") this.#extensions.longName = untilNul(body);
    if (type === "K") this.#extensions.longLink = untilNul(body);
    if (type === "x") this.#extensions.pax = parsePaxRecords(body);
    return end;
  }

  #entryStep(header: RawHeader, kind: TarEntry["kind"], buffer: Buffer, start: number): number | undefined {
    const stored = storedBytes(header, kind, this.#extensions.pax);
    const sparse = readSparse(header, this.#extensions.pax, stored, buffer, start);
    if (sparse === "more") return undefined;
    const dataStart = sparse?.dataStart ?? start;
    const left = sparse?.storedBytes ?? stored;
    const isWhole = sparse === undefined && left <= WHOLE_BYTES;
    if (isWhole && buffer.length - dataStart < left) return undefined;
    const entry = makeEntry(header, kind, this.#extensions, sparse?.size ?? left, sparse);
    this.#extensions = {};
    this.#padding = padded(stored) - stored;
    if (isWhole) {
      this.#handler.entry(entry, buffer.subarray(dataStart, dataStart + left));
      return dataStart + left;
    }
    this.#handler.begin(entry);
    this.#left = left;
    this.#isInBody = true;
    return dataStart;
  }
}

/** Global headers and volume labels say nothing of a file. */
const EXTENSION_TYPES: readonly string[] = ["x", "g", "L", "K", "V"];

/** How much data follows the header. The size of a link is that of its target in some archives, without data. */
function storedBytes({ type, size }: RawHeader, kind: TarEntry["kind"], pax: PaxRecords | undefined): number {
  if (kind !== "file" && type !== "D") return 0;
  const record = pax?.get("size");
  const bytes = record === undefined ? size : decimal(record);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw archiveError(`Cannot read the archive: ${bytes} is no size`);
}

function makeEntry(
  header: RawHeader,
  kind: TarEntry["kind"],
  { longName, longLink, pax }: Extensions,
  size: number,
  sparse: Sparse | undefined,
): TarEntry {
  const [seconds, nanoseconds] = timeOf(pax?.get("mtime"), header.mtime);
  const name = pax?.get("GNU.sparse.name") ?? pax?.get("path") ?? longName ?? header.name;
  return {
    name,
    target: pax?.get("linkpath") ?? longLink ?? header.linkName,
    // The old form has no type for directories.
    kind: kind === "file" && header.type !== "7" && name.endsWith("/") ? "directory" : kind,
    mode: header.mode & 0o7777,
    uid: idOf(pax?.get("uid"), header.uid),
    gid: idOf(pax?.get("gid"), header.gid),
    size,
    seconds,
    nanoseconds,
    major: header.major,
    minor: header.minor,
    xattrs: pax === undefined ? [] : xattrsOf(pax),
    ...(sparse === undefined ? {} : { ranges: sparse.ranges }),
  };
}

const XATTR_PREFIX = "SCHILY.xattr.";

function xattrsOf(pax: PaxRecords): readonly Xattr[] {
  const xattrs: Xattr[] = [];
  for (const [key, value] of pax) {
    if (!key.startsWith(XATTR_PREFIX)) continue;
    xattrs.push({ name: key.slice(XATTR_PREFIX.length), value: Buffer.from(value, "latin1") });
  }
  return xattrs;
}

/** Decimal seconds, with a fraction of any length. */
function timeOf(record: string | undefined, mtime: number): readonly [seconds: number, nanoseconds: number] {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(record ?? "");
  if (match === null) return [mtime, 0];
  const seconds = Number(match[2]);
  const nanoseconds = Number((match[3] ?? "").slice(0, 9).padEnd(9, "0"));
  if (match[1] === "") return [seconds, nanoseconds];
  return nanoseconds === 0 ? [-seconds, 0] : [-seconds - 1, 1e9 - nanoseconds];
}

function idOf(record: string | undefined, fallback: number): number {
  const id = record === undefined ? fallback : decimal(record);
  // The last number stands for "no id". Source: chown(2).
  if (Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1) return id;
  throw archiveError(`Cannot read the archive: ${id} is no user or group id`);
}

/** Other programs stop at what is no digit, and would see other files. */
function decimal(text: string): number {
  return /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function untilNul(body: Buffer): string {
  const nul = body.indexOf(0);
  return body.toString("latin1", 0, nul === -1 ? body.length : nul);
}

function isZero(buffer: Buffer, at: number): boolean {
  for (let index = at; index < at + BLOCK_BYTES; index++) if (buffer[index] !== 0) return false;
  return true;
}

function hasAny({ longName, longLink, pax }: Extensions): boolean {
  return longName !== undefined || longLink !== undefined || pax !== undefined;
}
