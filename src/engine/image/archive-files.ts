import { shownBytes } from "../../sys/tree.ts";
import { archiveError } from "../archive/archive-error.ts";
import { type BytePump, decompressor, detectCompression } from "../archive/compression.ts";
import { entryPath } from "../archive/entry-name.ts";
import { DEFAULT_LIMITS, ExtractCount, type ExtractLimits } from "../archive/extract-limits.ts";
import type { TarEntry } from "../archive/tar-entry.ts";
import { type TarHandler, TarReader } from "../archive/tar-reader.ts";
import { packTree } from "../archive/tree-packer.ts";
import type { EnginePaths } from "../base/paths.ts";
import { BlobWriter, type IngestedBlob } from "./blob-store.ts";

/** Small files are kept in memory: manifests, configs, and layers of a few files. */
const MAX_SMALL_BYTES = 64 << 20;
const MAX_FILES = 100_000;
const MAX_LINKS = 16;

type ArchiveFile =
  | { readonly kind: "small"; readonly bytes: Buffer }
  | { readonly kind: "large"; readonly writer: BlobWriter; readonly blob: Promise<IngestedBlob> }
  | { readonly kind: "link"; readonly target: string };

/**
 * The files of an archive of images, read once and in any order: large ones are written beside the store. Nothing is
 * extracted by its name. The owner closes it.
 */
export class ArchiveFiles implements TarHandler {
  readonly #paths: EnginePaths;
  readonly #files = new Map<string, ArchiveFile>();
  readonly #writers: BlobWriter[] = [];
  readonly #count: ExtractCount;
  #smallBytes = 0;
  #current: { readonly name: string; readonly writer: BlobWriter } | undefined;

  /** What is held is kept, and what is extracted later counts by itself. */
  constructor(paths: EnginePaths, limits: ExtractLimits = DEFAULT_LIMITS) {
    this.#paths = paths;
    this.#count = new ExtractCount(limits);
  }

  /** Reads the whole archive, compressed or not. Throws EngineError ERR_ARCHIVE. */
  async read(
    source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const reader = new TarReader(this);
    let pump: BytePump | undefined;
    for await (const chunk of source) {
      pump ??= decompressor(detectCompression(chunk), (part) => reader.write(part));
      await pump.write(chunk);
      onBytes(chunk.length);
    }
    await pump?.end();
    reader.close();
  }

  /** Reads a directory's files, as if they were packed. Symbolic links lead to others of them, and nowhere else. */
  async readDirectory(path: string, onBytes: (bytes: number) => void): Promise<void> {
    const reader = new TarReader(this);
    const sink = (chunk: Uint8Array) => {
      reader.write(chunk);
      onBytes(chunk.length);
    };
    await packTree(path, sink, { isLayer: false });
    reader.close();
  }

  names(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** A small file's content; undefined where there is none of the name. Throws where it is large. */
  bytes(name: string): Buffer | undefined {
    const file = this.#resolve(name);
    if (file === undefined) return undefined;
    if (file.kind === "small") return file.bytes;
    throw archiveError(`Cannot load the archive: "${shownBytes(name)}" is too large for what it is`);
  }

  /** A file as a blob beside the store, which it has been or is written to now. */
  async blob(name: string): Promise<IngestedBlob> {
    const file = this.#resolve(name);
    if (file?.kind === "large") return await file.blob;
    if (file?.kind !== "small") throw archiveError(`Cannot load the archive: "${shownBytes(name)}" is missing in it`);
    const writer = this.#newWriter();
    writer.write(file.bytes);
    return await writer.finish();
  }

  close(): void {
    for (const writer of this.#writers) writer.close();
  }

  entry(entry: TarEntry, data: Uint8Array): void {
    const name = this.#newName(entry);
    if (entry.kind === "file") {
      this.#smallBytes += data.length;
      if (this.#smallBytes > MAX_SMALL_BYTES)
        throw archiveError("Cannot load the archive: it has too many small files");
      this.#files.set(name, { kind: "small", bytes: Buffer.from(data) });
    } else if (entry.kind === "hardlink") {
      this.#files.set(name, { kind: "link", target: entryPath(entry.target) });
    } else if (entry.kind === "symlink") {
      this.#files.set(name, { kind: "link", target: relativeTarget(name, entry.target) });
    }
  }

  begin(entry: TarEntry): void {
    this.#current = { name: this.#newName(entry), writer: this.#newWriter() };
  }

  data(data: Uint8Array): void {
    this.#count.add(0, data.length);
    this.#current?.writer.write(data);
  }

  end(): void {
    if (this.#current === undefined) return;
    const { name, writer } = this.#current;
    const blob = writer.finish();
    // Who asks for the blob gets the failure.
    blob.catch(() => {});
    this.#files.set(name, { kind: "large", writer, blob });
    this.#current = undefined;
  }

  #newName(entry: TarEntry): string {
    if (this.#files.size >= MAX_FILES) throw archiveError("Cannot load the archive: it has too many files");
    return entryPath(entry.name);
  }

  #newWriter(): BlobWriter {
    const writer = new BlobWriter(this.#paths);
    this.#writers.push(writer);
    return writer;
  }

  #resolve(name: string): Exclude<ArchiveFile, { readonly kind: "link" }> | undefined {
    let file = this.#files.get(name);
    for (let links = 0; file?.kind === "link"; links++) {
      if (links === MAX_LINKS) throw archiveError("Cannot load the archive: its links go round in a circle");
      file = this.#files.get(file.target);
    }
    return file;
  }
}

/** A link of an archive leads to another of its files: what leads elsewhere is never found. */
function relativeTarget(name: string, target: string): string {
  const path = name.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") path.pop();
    else if (part !== "" && part !== ".") path.push(part);
  }
  return path.join("/");
}
