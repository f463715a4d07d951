import { archiveError } from "./archive-error.ts";
import { BLOCK_BYTES, FIELDS } from "./tar-entry.ts";

type Field = readonly [offset: number, length: number];

/** The fields of one header block, as they are written. Texts are bytes, one character each. */
export interface RawHeader {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkName: string;
  readonly major: number;
  readonly minor: number;
}

/** Parses a header block at an offset. Throws EngineError ERR_ARCHIVE where its checksum is wrong. Source: tar(5). */
export function parseHeader(buffer: Buffer, at: number): RawHeader {
  checkSum(buffer, at);
  const prefix = text(buffer, at, FIELDS.magic) === "ustar" ? text(buffer, at, FIELDS.prefix) : "";
  const name = text(buffer, at, FIELDS.name);
  const type = buffer.toString("latin1", at + FIELDS.type[0], at + FIELDS.type[0] + 1);
  const isDevice = type === "3" || type === "4";
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    type,
    mode: numberAt(buffer, at, FIELDS.mode),
    uid: numberAt(buffer, at, FIELDS.uid),
    gid: numberAt(buffer, at, FIELDS.gid),
    size: numberAt(buffer, at, FIELDS.size),
    mtime: numberAt(buffer, at, FIELDS.mtime),
    linkName: text(buffer, at, FIELDS.linkName),
    major: isDevice ? numberAt(buffer, at, FIELDS.major) : 0,
    minor: isDevice ? numberAt(buffer, at, FIELDS.minor) : 0,
  };
}

/** A field's text up to its first NUL. */
function text(buffer: Buffer, at: number, [offset, length]: Field): string {
  const start = at + offset;
  if (buffer[start] === 0) return "";
  const nul = buffer.indexOf(0, start);
  return buffer.toString("latin1", start, nul === -1 || nul > start + length ? start + length : nul);
}

/** A number in octal or, where the first bit is set, in base 256 as GNU has it. */
export function numberAt(buffer: Buffer, at: number, [offset, length]: Field): number {
  const start = at + offset;
  if (((buffer[start] ?? 0) & 0x80) !== 0) return binaryNumber(buffer, start, length);
  let value = 0;
  let hasDigits = false;
  for (let index = start; index < start + length; index++) {
    const byte = buffer[index] ?? 0;
    if (byte === 0x20 && !hasDigits) continue;
    if (byte === 0 || byte === 0x20) break;
    if (byte < 0x30 || byte > 0x37) throw archiveError("Cannot read the archive: a number in a header is damaged");
    value = value * 8 + (byte - 0x30);
    hasDigits = true;
  }
  return value;
}

/** Two's complement: the uppermost bit tells the form, the next one the sign. */
function binaryNumber(buffer: Buffer, start: number, length: number): number {
  const first = buffer[start] ?? 0;
  let value = (first & 0x40) === 0 ? 0n : -1n;
  value = (value << 6n) | BigInt(first & 0x3f);
  for (let index = 1; index < length; index++) value = (value << 8n) | BigInt(buffer[start + index] ?? 0);
  const result = Number(value);
  if (!Number.isSafeInteger(result)) throw archiveError("Cannot read the archive: a number is too large");
  return result;
}

/** The sum of a header's bytes, its own field taken as spaces. */
export function headerSum(buffer: Buffer, at: number): number {
  const [offset, length] = FIELDS.checksum;
  let sum = 0x20 * length;
  for (let index = at; index < at + offset; index++) sum += buffer[index] ?? 0;
  for (let index = at + offset + length; index < at + BLOCK_BYTES; index++) sum += buffer[index] ?? 0;
  return sum;
}

/** Some old programs added bytes as signed ones. */
function checkSum(buffer: Buffer, at: number): void {
  const [offset, length] = FIELDS.checksum;
  const stored = Number.parseInt(buffer.toString("latin1", at + offset, at + offset + length).trim(), 8);
  const sum = headerSum(buffer, at);
  if (stored === sum || stored === sum - 256 * highBytes(buffer, at)) return;
  throw archiveError("Cannot read the archive: it is no tar archive, or a header is damaged");
}

function highBytes(buffer: Buffer, at: number): number {
  let count = 0;
  for (let index = at; index < at + BLOCK_BYTES; index++) if ((buffer[index] ?? 0) > 127) count++;
  return count;
}
