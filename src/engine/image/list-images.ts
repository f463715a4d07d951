import type { EnginePaths } from "../base/paths.ts";
import { familiarName, parseReference } from "../base/reference.ts";
import { chainIds, readLayerRecord } from "../storage/layer-record.ts";
import type { Digest, ImageId, OciDescriptor, OciImageConfig } from "./image.ts";
import { readImageConfig } from "./image-config.ts";
import { type IndexEntry, readIndex } from "./image-index.ts";
import { readManifest } from "./manifest.ts";
import { idOf } from "./resolve-image.ts";

/** One name of an image, or an image without a name. */
export interface ListedImage {
  readonly id: ImageId;
  readonly digest: Digest;
  /** In the short form; undefined without a name. */
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly config: OciImageConfig;
  readonly layers: readonly OciDescriptor[];
  /** What its files take by their sizes, all layers together. */
  readonly sizeBytes: number;
}

export interface ImageListing {
  readonly images: readonly ListedImage[];
  /** What cannot be read is told, and never ends a listing. */
  readonly bad: readonly Error[];
}

/** Every image under every name, the newest first. */
export function listImages(paths: EnginePaths): ImageListing {
  const images: ListedImage[] = [];
  const bad: Error[] = [];
  for (const entry of readIndex(paths)) {
    try {
      images.push(listedImage(paths, entry));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      bad.push(error);
    }
  }
  return { images: images.sort(byAge), bad };
}

function listedImage(paths: EnginePaths, entry: IndexEntry): ListedImage {
  const id = idOf(paths, entry);
  const config = readImageConfig(paths, id);
  const { digest } = entry.manifest;
  const { layers } = readManifest(paths, digest);
  return { id, digest, ...nameOf(entry), config, layers, sizeBytes: imageSize(paths, config, layers) };
}

function nameOf({ reference }: IndexEntry): Pick<ListedImage, "repository" | "tag"> {
  if (reference === undefined) return { repository: undefined, tag: undefined };
  try {
    const parsed = parseReference(reference);
    return { repository: familiarName(parsed), tag: parsed.tag };
  } catch {
    // Other programs name images of a layout as they like.
    return { repository: reference, tag: undefined };
  }
}

/** The sizes of an image's extracted layers; of one that is not extracted, the size of its archive. */
export function layerSizes(
  paths: EnginePaths,
  config: OciImageConfig,
  layers: readonly OciDescriptor[],
): readonly number[] {
  return chainIds(config.rootfs.diff_ids).map(
    (chainId, index) => readLayerRecord(paths, chainId)?.sizeBytes ?? layers[index]?.size ?? 0,
  );
}

export function imageSize(paths: EnginePaths, config: OciImageConfig, layers: readonly OciDescriptor[]): number {
  return layerSizes(paths, config, layers).reduce((sum, size) => sum + size, 0);
}

function byAge(a: ListedImage, b: ListedImage): number {
  const [first, second] = [a.config.created ?? "", b.config.created ?? ""];
  if (first !== second) return first < second ? 1 : -1;
  return `${a.repository}:${a.tag}` < `${b.repository}:${b.tag}` ? -1 : 1;
}
