import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";

export interface RotatedFiles {
  /** The newest; older ones have ".1", ".2" … behind the name. */
  readonly path: string;
  readonly maxFiles: number;
}

const CHUNK = 1 << 16;

/** Reads a file of lines from the oldest rotated one on, and goes on where it stopped; a rotation in between loses nothing. */
export class RotatedReader<T> {
  readonly #files: RotatedFiles;
  readonly #parse: (line: string) => readonly T[];
  #isBegun = false;
  #fd: number | undefined;
  #inode = 0;
  #position = 0;
  #rest = "";
  readonly #decoder = new TextDecoder();

  /** `parse` gives nothing for a line that is none. */
  constructor(files: RotatedFiles, parse: (line: string) => readonly T[]) {
    this.#files = files;
    this.#parse = parse;
  }

  /** All entries that have come since the last call. */
  readMore(): T[] {
    const entries: T[] = this.#isBegun ? [] : this.#readOlder();
    this.#isBegun = true;
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

  #readOlder(): T[] {
    const entries: T[] = [];
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

  #readToEnd(): T[] {
    const entries: T[] = [];
    const buffer = new Uint8Array(CHUNK);
    while (this.#fd !== undefined) {
      const length = readSync(this.#fd, buffer, 0, CHUNK, this.#position);
      if (length === 0) break;
      this.#position += length;
      const lines = (this.#rest + this.#decoder.decode(buffer.subarray(0, length), { stream: true })).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) entries.push(...this.#parse(line));
    }
    return entries;
  }
}
