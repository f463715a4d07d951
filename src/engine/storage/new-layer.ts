import { createHash } from "node:crypto";
import { close } from "../../sys/descriptors.ts";
import { beginSync, lockDir, makeDirs, syncFilesystem } from "../../sys/files.ts";
import { archiveError } from "../archive/archive-error.ts";
import { type BytePump, decompressor, detectCompression } from "../archive/compression.ts";
import type { ExtractLimits } from "../archive/extract-limits.ts";
import { LayerExtractor } from "../archive/layer-extractor.ts";
import { readChunks } from "../archive/read-chunks.ts";
import { TarReader } from "../archive/tar-reader.ts";
import { makeStore, writeJson } from "../base/json-store.ts";
import { newObjectId } from "../base/object-id.ts";
import { lockObject, type ObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { Digest } from "../image/image.ts";
import {
  type ChainId,
  chainIds,
  digits,
  LAYER_FORMAT,
  type LayerRecord,
  layerRecordPath,
  readLayerRecord,
} from "./layer-record.ts";
import {
  makeOverlayDirectory,
  type OverlayDirectory,
  overlayDirectory,
  removeOverlayDirectories,
} from "./overlay-layout.ts";

/** What a layer stands on: the diff ids below it, the lowest first, all of them extracted. */
export type LayersBelow = readonly Digest[];

/** Long files are written back by themselves; this is for many small ones. */
const ENTRIES_OF_SYNC = 2000;

/**
 * A layer that is being extracted from its uncompressed archive. Its directory is locked as long as this process lives: what
 * a killed one leaves is found by the free lock. After `finish` nobody removes it until `release`.
 */
export class NewLayer {
  readonly #paths: EnginePaths;
  readonly #below: LayersBelow;
  readonly #directory: OverlayDirectory;
  readonly #extractor: LayerExtractor;
  readonly #reader: TarReader;
  readonly #hash = createHash("sha256");
  #directoryLock: number | undefined;
  #hold: ObjectLock | undefined;
  #isOpen = true;
  /** After how many entries what is there begins to be brought to the disk, while more of it comes. */
  #nextSync = ENTRIES_OF_SYNC;

  constructor(paths: EnginePaths, below: LayersBelow, limits?: ExtractLimits) {
    this.#paths = paths;
    this.#below = below;
    makeDirs(paths.overlay2, 0o711);
    const ids = lowerIds(paths, below);
    const { directory, lock } = makeLockedDirectory(paths, ids);
    this.#directory = directory;
    this.#directoryLock = lock;
    const lowers = ids.map((lower) => overlayDirectory(paths, lower).diff);
    const options = { hasParent: below.length > 0, lowers };
    this.#extractor = new LayerExtractor(this.#directory.diff, limits === undefined ? options : { ...options, limits });
    this.#reader = new TarReader(this.#extractor);
  }

  /** Takes the next part of the archive. Throws EngineError ERR_ARCHIVE, SystemError. */
  write(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#reader.write(chunk);
    if (this.#directoryLock === undefined || this.#extractor.entries < this.#nextSync) return;
    beginSync(this.#directoryLock);
    this.#nextSync = this.#extractor.entries + ENTRIES_OF_SYNC;
  }

  /** Takes a whole archive from a file, plain or compressed. */
  async writeBlob(file: string): Promise<void> {
    let pump: BytePump | undefined;
    for (const chunk of readChunks(file)) {
      pump ??= decompressor(detectCompression(chunk), (part) => this.write(part));
      await pump.write(chunk);
    }
    await pump?.end();
  }

  /** Registers the layer, unless the same is there already. Throws where its digest is not the expected one. */
  finish(expected?: Digest): LayerRecord {
    this.#reader.close();
    this.#extractor.finish();
    // A record must not outlive a power cut that its files have not.
    if (this.#directoryLock !== undefined) syncFilesystem(this.#directoryLock);
    const diffId: Digest = `sha256:${this.#hash.digest("hex")}`;
    if (expected !== undefined && expected !== diffId) {
      throw archiveError(`Cannot take over the layer ${expected}: its archive has the digest ${diffId}`);
    }
    const chain = chainIds([...this.#below, diffId]);
    const chainId = chain.at(-1) ?? diffId;
    const parent = chain.at(-2);
    const record: LayerRecord = {
      cacheId: this.#directory.id,
      diffId,
      sizeBytes: this.#extractor.sizeBytes,
      ...(parent === undefined ? {} : { parent }),
    };
    return this.#register(chainId, record);
  }

  /** Ends it in any state: what was not registered goes. */
  release(): void {
    if (this.#isOpen) this.#extractor.close();
    this.#isOpen = false;
    if (this.#directoryLock !== undefined) removeUnregistered(this.#paths, this.#directory.id);
    this.#unlockDirectory();
    this.#hold?.release();
  }

  /** Between the record and the hold, a garbage collection can take the record away: then it is written once more. */
  #register(chainId: ChainId, record: LayerRecord): LayerRecord {
    makeStore(this.#paths.layers);
    while (this.#hold === undefined) {
      this.#writeRecord(chainId, record);
      this.#hold = holdLayer(this.#paths, chainId);
    }
    const registered = readLayerRecord(this.#paths, chainId) ?? record;
    if (registered.cacheId === record.cacheId) this.#unlockDirectory();
    return registered;
  }

  #writeRecord(chainId: ChainId, record: LayerRecord): void {
    const lock = lockObject(this.#paths, "layer", digits(chainId));
    try {
      if (readLayerRecord(this.#paths, chainId) !== undefined) return;
      writeJson(layerRecordPath(this.#paths, chainId), record, LAYER_FORMAT);
    } finally {
      lock.release();
    }
  }

  /** From here on its record keeps the directory, or it is gone. */
  #unlockDirectory(): void {
    if (this.#directoryLock !== undefined) close(this.#directoryLock);
    this.#directoryLock = undefined;
  }
}

/**
 * A directory without a record is locked as long as it is being filled. The storage's lock keeps whoever looks for leftovers
 * from seeing it before it is locked, or while it goes.
 */
function makeLockedDirectory(
  paths: EnginePaths,
  lowers: readonly string[],
): { readonly directory: OverlayDirectory; readonly lock: number } {
  const id = newObjectId();
  const storage = lockObject(paths, "storage", "all", "shared");
  try {
    return { directory: makeOverlayDirectory(paths, id, lowers, false), lock: lockDir(`${paths.overlay2}/${id}`) };
  } finally {
    storage.release();
  }
}

function removeUnregistered(paths: EnginePaths, id: string): void {
  const storage = lockObject(paths, "storage", "all", "shared");
  try {
    removeOverlayDirectories(paths, id);
  } finally {
    storage.release();
  }
}

/** Keeps an extracted layer from being removed, where it is there. The caller releases it. */
export function holdLayer(paths: EnginePaths, chainId: ChainId): ObjectLock | undefined {
  const lock = lockObject(paths, "layer", digits(chainId), "shared");
  if (readLayerRecord(paths, chainId) !== undefined) return lock;
  lock.release();
  return undefined;
}

/** The directories of extracted layers, the uppermost first. Throws EngineError where one is not extracted. */
export function lowerIds(paths: EnginePaths, below: LayersBelow): readonly string[] {
  return chainIds(below)
    .map((chainId) => {
      const record = readLayerRecord(paths, chainId);
      if (record === undefined) throw archiveError(`Cannot find the layer ${chainId}: it is not extracted`);
      return record.cacheId;
    })
    .reverse();
}
