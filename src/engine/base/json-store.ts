import { SystemError } from "../../base/errors.ts";
import {
  listDir,
  makeDirs,
  pathType,
  readTextIfExists,
  readTexts,
  writeAtomic,
  writeExisting,
} from "../../sys/files.ts";
import { EngineError } from "./errors.ts";

/** One kind of JSON file: how it is checked and which version of the form is written. */
export interface JsonFormat<T> {
  /** What an error calls it: "image index". */
  readonly name: string;
  /** The form's version, which is the member "version" of the file; absent where the form is somebody else's. */
  readonly version?: number;
  /** Gives the value where it has the form, or undefined. Members that it does not know must survive. */
  readonly check: (value: unknown) => T | undefined;
}

const FILE_MODE = 0o600;
const MAX_BYTES = 64 << 20;

/** Reads a file; undefined where it is missing. Throws EngineError ERR_STATE_CORRUPT where it is not of the form. */
export function readJson<T>(path: string, format: JsonFormat<T>): T | undefined {
  const text = readTextIfExists(path, MAX_BYTES);
  return text === undefined ? undefined : parseJson(path, text, format);
}

/** As readJson of each path, with one call for all; what cannot be read is an error in its place. */
export function readJsons<T>(paths: readonly string[], format: JsonFormat<T>): readonly (T | Error | undefined)[] {
  return readTexts(paths, MAX_BYTES).map((text, index) => {
    try {
      return typeof text === "string" ? parseJson(paths[index] ?? "", text, format) : text;
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
    }
  });
}

/**
 * Writes a file so that a reader or a crash sees the old one or the new one: temporary file, rename. With `durable`, for
 * what must survive a power cut, both are synchronised. Throws SystemError.
 */
export function writeJson<T extends object>(path: string, value: T, format: JsonFormat<T>, durable = false): void {
  writeAtomic(path, jsonText(value, format), FILE_MODE, durable);
}

/**
 * As writeJson; but where the disk is full, a file that is there is overwritten, which takes no room: whoever ends or removes
 * something to make room must be able to note it. Then it is one write(2), which a kill does not cut, but a power cut may.
 */
export function replaceJson<T extends object>(path: string, value: T, format: JsonFormat<T>, durable = false): void {
  try {
    writeJson(path, value, format, durable);
  } catch (error) {
    const old = isDiskFull(error) ? readTextIfExists(path, MAX_BYTES) : undefined;
    if (old === undefined) throw error;
    const text = jsonText(value, format);
    const surplus = Buffer.byteLength(old) - Buffer.byteLength(text);
    writeExisting(path, text + " ".repeat(Math.max(0, surplus)));
  }
}

const ENOSPC = 28;
const EDQUOT = 122;

/** Whether a write found no room. Source: write(2). */
export function isDiskFull(error: unknown): boolean {
  return error instanceof SystemError && [ENOSPC, EDQUOT].includes(error.failure.errno);
}

function jsonText<T extends object>(value: T, { version }: JsonFormat<T>): string {
  return `${JSON.stringify(version === undefined ? value : { version, ...value })}\n`;
}

/** What a directory of JSON files holds; what cannot be read is told and never fatal to a listing. */
export interface JsonListing<T> {
  readonly values: readonly { readonly name: string; readonly value: T }[];
  readonly bad: readonly { readonly name: string; readonly error: Error }[];
}

/**
 * Reads `<directory>/<name><suffix>` for every name that has it, sorted by name. A suffix "/config.json" is that of a
 * directory for each object. A missing directory is empty.
 */
export function listJson<T>(directory: string, suffix: string, format: JsonFormat<T>): JsonListing<T> {
  const values: { name: string; value: T }[] = [];
  const bad: { name: string; error: Error }[] = [];
  const names = namesIn(directory, suffix);
  const read = readJsons(
    names.map((name) => `${directory}/${name}${suffix}`),
    format,
  );
  for (const [index, name] of names.entries()) {
    const value = read[index];
    if (value instanceof Error) bad.push({ name, error: value });
    // It was removed meanwhile, or is being made.
    else if (value !== undefined) values.push({ name, value });
  }
  return { values, bad };
}

/** Makes the directory of a store where it is missing, for its owner only. */
export function makeStore(directory: string): void {
  makeDirs(directory, 0o700);
}

function namesIn(directory: string, suffix: string): readonly string[] {
  if (pathType(directory) === undefined) return [];
  const names = listDir(directory).filter((name) => !name.startsWith("."));
  if (suffix.startsWith("/")) return names.sort();
  return names
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, name.length - suffix.length))
    .sort();
}

function parseJson<T>(path: string, text: string, { name, version, check }: JsonFormat<T>): T {
  const value = parsed(text);
  const found = isRecord(value) ? value.version : undefined;
  if (version !== undefined && typeof found === "number" && found > version) {
    throw corrupt(`Cannot read the ${name} "${path}": its version is ${found}, and this program knows ${version}`);
  }
  const checked = check(value);
  if (checked === undefined) throw corrupt(`Cannot read the ${name} "${path}": it is not of the form of one`);
  return checked;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function corrupt(message: string): EngineError {
  return new EngineError(message, { code: "ERR_STATE_CORRUPT" });
}

/** Whether a value of JSON is an object, and no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value of JSON is an array of texts. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
