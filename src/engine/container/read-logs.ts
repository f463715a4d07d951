import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { LogFiles } from "./log-files.ts";

/** One entry of a log: a line, or a part of one that had no end yet. */
export interface LogEntry {
  readonly log: string;
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
}

export interface LogRange {
  /** Milliseconds since 1970. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

const CHUNK = 1 << 16;

/** Reads a container's log from its oldest file on, and goes on where it stopped; a rotation in between loses nothing. */
export class LogReader {
  readonly #files: LogFiles;
  #fd: number | undefined;
  #inode = 0;
  #position = 0;
  #rest = "";
  readonly #decoder = new TextDecoder();

  constructor(files: LogFiles) {
    this.#files = files;
  }

  /** All entries that have come since the last call. */
  readMore(): LogEntry[] {
    const entries: LogEntry[] = this.#fd === undefined ? this.#readOlder() : [];
    for (;;) {
      if (this.#fd === undefined && !this.#open(this.#files.path)) return entries;
      entries.push(...this.#readToEnd());
      if (!this.#wasRotated()) return entries;
      // What was written between the last read and the rotation.
      entries.push(...this.#readToEnd());
      this.close();
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #readOlder(): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let number = this.#files.maxFiles - 1; number > 0; number -= 1) {
      if (!this.#open(`${this.#files.path}.${number}`)) continue;
      entries.push(...this.#readToEnd());
      this.close();
    }
    return entries;
  }

  #open(path: string): boolean {
    if (!existsSync(path)) return false;
    this.#fd = openSync(path, "r");
    this.#inode = fstatSync(this.#fd).ino;
    this.#position = 0;
    this.#rest = "";
    return true;
  }

  #wasRotated(): boolean {
    const now = statSync(this.#files.path, { throwIfNoEntry: false });
    return now !== undefined && now.ino !== this.#inode;
  }

  #readToEnd(): LogEntry[] {
    const entries: LogEntry[] = [];
    const buffer = new Uint8Array(CHUNK);
    while (this.#fd !== undefined) {
      const length = readSync(this.#fd, buffer, 0, CHUNK, this.#position);
      if (length === 0) break;
      this.#position += length;
      const lines = (this.#rest + this.#decoder.decode(buffer.subarray(0, length), { stream: true })).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) entries.push(...parseEntry(line));
    }
    return entries;
  }
}

/** A line that is none, which a full disk can leave, is left out. */
export function parseEntry(line: string): readonly LogEntry[] {
  try {
    const value: unknown = JSON.parse(line);
    // Written by native/monitor_log.c.
    return typeof value === "object" && value !== null && "log" in value && "time" in value ? [value as LogEntry] : [];
  } catch {
    return [];
  }
}

export function isInRange({ time }: LogEntry, { sinceMs, untilMs }: LogRange): boolean {
  const ms = Date.parse(time);
  return (sinceMs === undefined || ms >= sinceMs) && (untilMs === undefined || ms <= untilMs);
}

/** The entries of the last lines; parts of one line count as one. */
export function lastLines(entries: readonly LogEntry[], count: number): readonly LogEntry[] {
  if (count === 0) return [];
  let lines = 0;
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const endsLine = entries[at]?.log.endsWith("\n") === true || at === entries.length - 1;
    if (endsLine && ++lines > count) return entries.slice(at + 1);
  }
  return entries;
}
