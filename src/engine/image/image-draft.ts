import { createHash } from "node:crypto";
import { pathType } from "../../sys/files.ts";
import {
  type BytePump,
  compressor,
  decompressor,
  detectCompression,
  type WrittenCompression,
} from "../archive/compression.ts";
import type { ExtractLimits } from "../archive/extract-limits.ts";
import type { ArchiveSink } from "../archive/tree-packer.ts";
import { EngineError } from "../base/errors.ts";
import type { ObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import { chainIds } from "../storage/layer-record.ts";
import { holdLayer, NewLayer } from "../storage/new-layer.ts";
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
  readonly #holds: ObjectLock[] = [];
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
    let pump: BytePump | undefined;
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

  /** A layer that is packed and compressed in one pass. The first container of it has it extracted. */
  async addPacked(pack: (sink: ArchiveSink) => Promise<unknown>, compression: WrittenCompression): Promise<void> {
    const writer = this.#newWriter();
    const hash = createHash("sha256");
    const pump = compressor(compression, (part) => writer.write(part));
    await pack(async (chunk) => {
      const compressed = pump.write(chunk);
      hash.update(chunk);
      await compressed;
      this.#options.onBytes?.(chunk.length);
    });
    await pump.end();
    this.#addLayer(await writer.finish(), LAYER_TYPES[compression], `sha256:${hash.digest("hex")}`);
  }

  /** A layer whose blob was written aside already. It is extracted unless the store has it. */
  async addBlob(blob: IngestedBlob, diffId: Digest, mediaType: string): Promise<void> {
    const chainId = chainIds([...this.diffIds, diffId]).at(-1) ?? diffId;
    const hold = holdLayer(this.#paths, chainId);
    if (hold === undefined) await this.#extract(blob, diffId);
    else this.#holds.push(hold);
    this.#addLayer(blob, mediaType, diffId);
  }

  /** Puts the image into the store, under these names (in the whole form). Gives its id. */
  async publish(config: ConfigWithoutLayers, references: readonly string[]): Promise<ImageId> {
    const whole: OciImageConfig = { ...config, rootfs: { type: "layers", diff_ids: this.diffIds } };
    return await this.publishAs(Buffer.from(JSON.stringify(whole)), config, references);
  }

  /** As publish, with a config, and a manifest where there is one, byte for byte as they were elsewhere. */
  async publishAs(
    configBytes: Uint8Array,
    { architecture, os }: Pick<OciImageConfig, "architecture" | "os">,
    references: readonly string[],
    given?: { readonly bytes: Uint8Array; readonly mediaType: string },
  ): Promise<ImageId> {
    const config = await this.#addBytes(configBytes);
    const layers = this.#layers.map(({ descriptor }) => descriptor);
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: CONFIG_TYPE, digest: config.digest, size: config.size },
      layers,
    };
    const { digest, size } = await this.#addBytes(given?.bytes ?? Buffer.from(JSON.stringify(manifest)));
    const mediaType = given?.mediaType ?? MANIFEST_TYPE;
    await changeIndex(this.#paths, (entries) => {
      publishBlobs(this.#paths, this.#blobs);
      this.#checkBlobs(layers);
      const descriptor: OciDescriptor = { mediaType, digest, size, platform: { architecture, os } };
      return addImage(entries, { manifest: descriptor, imageId: config.digest }, references);
    });
    return config.digest;
  }

  /** Ends it in any state. */
  close(): void {
    for (const layer of this.#newLayers) layer.release();
    for (const hold of this.#holds) hold.release();
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

  async #extract(blob: IngestedBlob, diffId: Digest): Promise<void> {
    const layer = this.#newLayer();
    await layer.writeBlob(blob.file);
    layer.finish(diffId);
  }

  async #addBytes(bytes: Uint8Array): Promise<IngestedBlob> {
    const writer = this.#newWriter();
    writer.write(bytes);
    const blob = await writer.finish();
    this.#blobs.push(blob);
    return blob;
  }

  #addLayer(blob: IngestedBlob, mediaType: string, diffId: Digest): void {
    this.#blobs.push(blob);
    this.#layers.push({ descriptor: { mediaType, digest: blob.digest, size: blob.size }, diffId });
  }

  /** A layer that was known can have gone with the last image that had it. */
  #checkBlobs(layers: readonly OciDescriptor[]): void {
    const missing = layers.find(({ digest }) => pathType(blobPath(this.#paths, digest)) === undefined);
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
