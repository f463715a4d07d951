import { archiveError } from "./archive-error.ts";

/** How much one layer may hold, so that a small archive cannot fill the machine. */
export interface ExtractLimits {
  /** Of all files together; holes count nothing. */
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** 256 GiB and 16 million files: more than any image in use, and less than a bomb. */
export const DEFAULT_LIMITS: ExtractLimits = { maxBytes: 2 ** 38, maxEntries: 2 ** 24 };

/** Counts what is extracted, and throws EngineError ERR_ARCHIVE beyond a limit. */
export class ExtractCount {
  readonly #limits: ExtractLimits;
  bytes = 0;
  entries = 0;

  constructor(limits: ExtractLimits) {
    this.#limits = limits;
  }

  add(entries: number, bytes: number): void {
    this.entries += entries;
    this.bytes += bytes;
    const { maxBytes, maxEntries } = this.#limits;
    if (this.bytes > maxBytes) throw tooMuch(`${maxBytes} bytes`);
    if (this.entries > maxEntries) throw tooMuch(`${maxEntries} files`);
  }
}

function tooMuch(limit: string): Error {
  return archiveError(`Cannot extract the archive: it holds more than ${limit}`, "raise the limit with --max-size");
}
