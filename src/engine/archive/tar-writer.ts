import { formatPaxRecords } from "./pax-records.ts";
import { BLOCK_BYTES, FIELDS, type TarEntry } from "./tar-entry.ts";
import { headerSum } from "./tar-header.ts";

/** The type flags that are written. Source: tar(5). */
const TYPE_FLAGS = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
} as const satisfies Readonly<Record<TarEntry["kind"], string>>;

const MAX_OCTAL_8 = 0o7777777;
const MAX_OCTAL_12 = 0o77777777777;

/** Two blocks of zeros end an archive; programs read them by ten kilobytes, but need no more. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK_BYTES);

/**
 * The header of an entry, in ustar; what does not fit there (names over 255 bytes, large ids and sizes, bytes beyond ASCII,
 * extended attributes) goes into a pax header before it. Times are whole seconds, as docker's are. Source: pax(1).
 */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.kind === "directory" ? `${entry.name}/` : entry.name;
  const records = paxRecords(name, entry);
  if (records.length === 0) return ustarHeader({ ...entry, name }, TYPE_FLAGS[entry.kind]);
  const body = Buffer.from(formatPaxRecords(records), "latin1");
  const before = { ...entry, name: "PaxHeaders/entry", target: "", size: body.length, mode: 0o644, uid: 0, gid: 0 };
  return Buffer.concat([
    ustarHeader({ ...before, kind: "file" }, "x"),
    body,
    padding(body.length),
    ustarHeader({ ...entry, name }, TYPE_FLAGS[entry.kind]),
  ]);
}

/** The zeros after so much data. */
export function padding(bytes: number): Buffer {
  return ZEROS.subarray(0, (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

const ZEROS = Buffer.alloc(BLOCK_BYTES);

function paxRecords(name: string, entry: TarEntry): readonly (readonly [string, string])[] {
  const records: (readonly [string, string])[] = [];
  if (!isPlain(name) || splitName(name) === undefined) records.push(["path", name]);
  if (!isPlain(entry.target) || entry.target.length > 100) records.push(["linkpath", entry.target]);
  if (entry.uid > MAX_OCTAL_8) records.push(["uid", String(entry.uid)]);
  if (entry.gid > MAX_OCTAL_8) records.push(["gid", String(entry.gid)]);
  if (entry.size > MAX_OCTAL_12) records.push(["size", String(entry.size)]);
  if (entry.seconds < 0 || entry.seconds > MAX_OCTAL_12) records.push(["mtime", String(entry.seconds)]);
  for (const xattr of entry.xattrs) {
    records.push([`SCHILY.xattr.${xattr.name}`, Buffer.from(xattr.value).toString("latin1")]);
  }
  return records;
}

function ustarHeader(entry: TarEntry, type: string): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const split = splitName(entry.name) ?? { prefix: "", name: entry.name.slice(0, 100) };
  putText(block, FIELDS.name, split.name);
  putNumber(block, FIELDS.mode, entry.mode, MAX_OCTAL_8);
  putNumber(block, FIELDS.uid, entry.uid, MAX_OCTAL_8);
  putNumber(block, FIELDS.gid, entry.gid, MAX_OCTAL_8);
  putNumber(block, FIELDS.size, type === "0" || type === "x" ? entry.size : 0, MAX_OCTAL_12);
  putNumber(block, FIELDS.mtime, Math.max(0, entry.seconds), MAX_OCTAL_12);
  putText(block, FIELDS.type, type);
  putText(block, FIELDS.linkName, entry.target.slice(0, 100));
  putText(block, FIELDS.magic, "ustar\x0000");
  putNumber(block, FIELDS.major, entry.major, MAX_OCTAL_8);
  putNumber(block, FIELDS.minor, entry.minor, MAX_OCTAL_8);
  putText(block, FIELDS.prefix, split.prefix);
  putText(block, FIELDS.checksum, `${headerSum(block, 0).toString(8).padStart(6, "0")}\0 `);
  return block;
}

type Field = readonly [offset: number, length: number];

function putText(block: Buffer, [offset, length]: Field, text: string): void {
  block.write(text, offset, length, "latin1");
}

/** What does not fit is in the pax header. */
function putNumber(block: Buffer, [offset, length]: Field, value: number, max: number): void {
  const shown = value > max ? 0 : value;
  block.write(shown.toString(8).padStart(length - 1, "0"), offset, length - 1, "latin1");
}

function isPlain(text: string): boolean {
  return !NOT_PLAIN.test(text);
}

const NOT_PLAIN = /[^\x20-\x7e]/;

/** A name as ustar has it: up to 100 bytes, and up to 155 of the directories before them. */
function splitName(name: string): { readonly prefix: string; readonly name: string } | undefined {
  if (name.length <= 100) return { prefix: "", name };
  const slash = name.indexOf("/", name.length - 101);
  if (slash <= 0 || slash > 155 || slash === name.length - 1) return undefined;
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
}
