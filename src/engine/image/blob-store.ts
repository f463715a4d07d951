import { createHash, type Hash, randomBytes } from "node:crypto";
import { fdatasync, renameSync } from "node:fs";
import { promisify } from "node:util";
import { close } from "../../sys/descriptors.ts";
import { listDir, lockFile, makeDirs, pathType, tryLockFile, unlink } from "../../sys/files.ts";
import { writeAt } from "../../sys/tree.ts";
import { makeStore } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { Digest } from "./image.ts";
import { blobPath } from "./image-config.ts";

/** A blob that is written and not in the store yet. */
export interface IngestedBlob {
  readonly digest: Digest;
  readonly size: number;
  /** Where it is until then. */
  readonly file: string;
}

/**
 * Writes a new blob beside the store. The file is locked as long as this process lives: what a killed one leaves is found
 * by its free lock and removed (sweepIngested).
 */
export class BlobWriter {
  readonly #file: string;
  readonly #fd: number;
  readonly #hash: Hash = createHash("sha256");
  #size = 0;
  #isOpen = true;

  constructor(paths: EnginePaths) {
    makeStore(ingestDirectory(paths));
    this.#file = `${ingestDirectory(paths)}/${randomBytes(16).toString("hex")}`;
    this.#fd = lockFile(this.#file, "exclusive");
  }

  write(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    writeAt(this.#fd, chunk, this.#size);
    this.#size += chunk.length;
  }

  /** Brings it to the disk and tells what it is. It stays locked. */
  async finish(): Promise<IngestedBlob> {
    await promisify(fdatasync)(this.#fd);
    return { digest: `sha256:${this.#hash.digest("hex")}`, size: this.#size, file: this.#file };
  }

  /** Closes it; what was not published goes. May be called again. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (pathType(this.#file) !== undefined) unlink(this.#file);
    close(this.#fd);
  }
}

/** Moves blobs into the store; the caller holds its exclusive lock. One that is there already is the same. */
export function publishBlobs(paths: EnginePaths, blobs: readonly IngestedBlob[]): void {
  makeDirs(`${paths.image}/blobs/sha256`, 0o755);
  for (const { digest, file } of blobs) {
    const path = blobPath(paths, digest);
    if (pathType(path) === undefined && pathType(file) !== undefined) renameSync(file, path);
  }
}

/** Removes what processes that were killed have left. */
export function sweepIngested(paths: EnginePaths): void {
  const directory = ingestDirectory(paths);
  if (pathType(directory) === undefined) return;
  for (const name of listDir(directory)) {
    const file = `${directory}/${name}`;
    const fd = tryLockFile(file, "exclusive");
    if (fd === undefined) continue;
    unlink(file);
    close(fd);
  }
}

function ingestDirectory({ image }: EnginePaths): string {
  return `${image}/ingest`;
}
