import { pathType } from "../../sys/files.ts";
import { compressor, decompressor, detectCompression, type WrittenCompression } from "../archive/compression.ts";
import type { ExtractLimits } from "../archive/extract-limits.ts";
import type { ArchiveSink } from "../archive/tree-packer.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { NewLayer } from "../storage/new-layer.ts";
import { BlobWriter, type IngestedBlob, publishBlobs, sweepIngested } from "./blob-store.ts";
import type { Digest, ImageId, OciDescriptor, OciImageConfig } from "./image.ts";
import { blobPath } from "./image-config.ts";
import { changeIndex, MANIFEST_TYPE } from "./image-index.ts";
import { addImage } from "./image-names.ts";
import { CONFIG_TYPE, type ImageManifest, LAYER_TYPES } from "./manifest.ts";

export interface DraftOptions {
  readonly limits?: ExtractLimits;
  /** Told the bytes that were read, as they are. */
  readonly onBytes?: (bytes: number) => void;
}

/** A config whose layers are not known yet. */
export type ConfigWithoutLayers = Omit<OciImageConfig, "rootfs">;

/**
 * An image that is being made: layers are added, and all of it appears in the store at once. Whoever makes it closes it;
 * what was not published is removed then, or by the next process where this one is killed.
 */
export class ImageDraft {
  readonly #paths: EnginePaths;
  readonly #options: DraftOptions;
  readonly #writers: BlobWriter[] = [];
  readonly #blobs: IngestedBlob[] = [];
  readonly #newLayers: NewLayer[] = [];
  readonly #layers: { descriptor: OciDescriptor; diffId: Digest }[] = [];

  constructor(paths: EnginePaths, options: DraftOptions = {}) {
    this.#paths = paths;
    this.#options = options;
    sweepIngested(paths);
  }

  get diffIds(): readonly Digest[] {
    return this.#layers.map(({ diffId }) => diffId);
  }

  /** A layer that the store has. */
  addKnownLayer(descriptor: OciDescriptor, diffId: Digest): void {
    this.#layers.push({ descriptor, diffId });
  }

  /** A layer from an archive, whose bytes are kept as they come, compressed or not. */
  async addArchive(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const writer = this.#newWriter();
    const layer = this.#newLayer();
    let pump: ReturnType<typeof decompressor> | undefined;
    let type: string = LAYER_TYPES.none;
    for await (const chunk of source) {
      if (pump === undefined) {
        const compression = detectCompression(chunk);
        pump = decompressor(compression, (part) => layer.write(part));
        type = mediaTypeOf(compression);
      }
      writer.write(chunk);
      await pump.write(chunk);
      this.#options.onBytes?.(chunk.length);
    }
    await pump?.end();
    const { diffId } = layer.finish();
    this.#addLayer(await writer.finish(), type, diffId);
  }

  /** A layer that is packed, compressed and extracted in one pass. */
  async addPacked(pack: (sink: ArchiveSink) => Promise<unknown>, compression: WrittenCompression): Promise<void> {
    const writer = this.#newWriter();
    const layer = this.#newLayer();
    const pump = compressor(compression, (part) => writer.write(part));
    await pack(async (chunk) => {
      // The packer uses its buffer again, the compressor keeps what it gets.
      const compressed = pump.write(compression === "none" ? chunk : Buffer.from(chunk));
      layer.write(chunk);
      await compressed;
      this.#options.onBytes?.(chunk.length);
    });
    await pump.end();
    const { diffId } = layer.finish();
    this.#addLayer(await writer.finish(), LAYER_TYPES[compression], diffId);
  }

  /** Puts the image into the store, under these names (in the whole form). Gives its id. */
  async publish(config: ConfigWithoutLayers, references: readonly string[]): Promise<ImageId> {
    const whole: OciImageConfig = { ...config, rootfs: { type: "layers", diff_ids: this.diffIds } };
    const configBlob = await this.#addText(JSON.stringify(whole));
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: CONFIG_TYPE, digest: configBlob.digest, size: configBlob.size },
      layers: this.#layers.map(({ descriptor }) => descriptor),
    };
    const manifestBlob = await this.#addText(JSON.stringify(manifest));
    const { architecture, os } = config;
    const descriptor: OciDescriptor = {
      mediaType: MANIFEST_TYPE,
      digest: manifestBlob.digest,
      size: manifestBlob.size,
      platform: { architecture, os },
    };
    await changeIndex(this.#paths, (entries) => {
      publishBlobs(this.#paths, this.#blobs);
      this.#checkBlobs(manifest);
      return addImage(entries, { manifest: descriptor, imageId: configBlob.digest }, references);
    });
    return configBlob.digest;
  }

  /** Ends it in any state. */
  close(): void {
    for (const layer of this.#newLayers) layer.release();
    for (const writer of this.#writers) writer.close();
  }

  #newWriter(): BlobWriter {
    const writer = new BlobWriter(this.#paths);
    this.#writers.push(writer);
    return writer;
  }

  #newLayer(): NewLayer {
    const layer = new NewLayer(this.#paths, this.diffIds, this.#options.limits);
    this.#newLayers.push(layer);
    return layer;
  }

  async #addText(text: string): Promise<IngestedBlob> {
    const writer = this.#newWriter();
    writer.write(Buffer.from(text));
    const blob = await writer.finish();
    this.#blobs.push(blob);
    return blob;
  }

  #addLayer(blob: IngestedBlob, mediaType: string, diffId: Digest): void {
    this.#blobs.push(blob);
    this.#layers.push({ descriptor: { mediaType, digest: blob.digest, size: blob.size }, diffId });
  }

  /** A layer that was known can have gone with the last image that had it. */
  #checkBlobs(manifest: ImageManifest): void {
    const missing = manifest.layers.find(({ digest }) => pathType(blobPath(this.#paths, digest)) === undefined);
    if (missing === undefined) return;
    throw new EngineError(`Cannot make the image: its layer ${missing.digest} was removed meanwhile`, {
      code: "ERR_CONFLICT",
      fix: "try again",
    });
  }
}

/** The forms that OCI has no type for are kept, and read by their first bytes. */
function mediaTypeOf(compression: ReturnType<typeof detectCompression>): string {
  return compression === "gzip" || compression === "zstd" ? LAYER_TYPES[compression] : LAYER_TYPES.none;
}
