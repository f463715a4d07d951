import type { EnginePaths } from "../base/paths.ts";
import { chainIds, readLayerRecord } from "../storage/layer-record.ts";
import type { ImageId } from "./image.ts";
import { imageUsers } from "./image-users.ts";
import { type ListedImage, listImages } from "./list-images.ts";

/** The part of `system df` about images. Layers that images share count once in all, and in each image's SharedBytes. */
export interface ImageUsage {
  readonly total: number;
  /** Those that a container has. */
  readonly active: number;
  readonly sizeBytes: number;
  /** What would be free without the images that no container has. */
  readonly reclaimableBytes: number;
  readonly images: readonly ImageUsageRow[];
}

export interface ImageUsageRow {
  readonly image: ListedImage;
  readonly containers: number;
  readonly sharedBytes: number;
  readonly uniqueBytes: number;
}

/** What images take by their extracted layers. Throws EngineError. */
export function imageUsage(paths: EnginePaths): ImageUsage {
  const { images } = listImages(paths);
  const users = imageUsers(paths);
  const distinct = [...new Map(images.map((image) => [image.id, image])).values()];
  const layers = new Map(distinct.map((image) => [image.id, layersOf(paths, image)]));
  const owners = ownersOf(layers);
  const used = new Set(users.map(({ imageId }) => imageId));
  const rows = distinct.map((image): ImageUsageRow => {
    const own = [...(layers.get(image.id) ?? [])];
    const shared = own.filter(([chainId]) => (owners.get(chainId)?.length ?? 0) > 1);
    const sharedBytes = shared.reduce((sum, [, size]) => sum + size, 0);
    const uniqueBytes = image.sizeBytes - sharedBytes;
    return { image, containers: users.filter(({ imageId }) => imageId === image.id).length, sharedBytes, uniqueBytes };
  });
  const all = new Map([...layers.values()].flatMap((sizes) => [...sizes]));
  const needed = new Map([...layers].flatMap(([id, sizes]) => (used.has(id) ? [...sizes] : [])));
  const sizeBytes = sum(all);
  return {
    total: distinct.length,
    active: distinct.filter(({ id }) => used.has(id)).length,
    sizeBytes,
    reclaimableBytes: sizeBytes - sum(needed),
    images: rows,
  };
}

type LayerSizes = ReadonlyMap<string, number>;

function layersOf(paths: EnginePaths, { config, layers }: ListedImage): LayerSizes {
  const chain = chainIds(config.rootfs.diff_ids);
  return new Map(
    chain.map((chainId, index) => [chainId, readLayerRecord(paths, chainId)?.sizeBytes ?? layers[index]?.size ?? 0]),
  );
}

function ownersOf(layers: ReadonlyMap<ImageId, LayerSizes>): ReadonlyMap<string, readonly ImageId[]> {
  const owners = new Map<string, ImageId[]>();
  for (const [id, sizes] of layers) {
    for (const chainId of sizes.keys()) owners.set(chainId, [...(owners.get(chainId) ?? []), id]);
  }
  return owners;
}

function sum(sizes: LayerSizes): number {
  return [...sizes.values()].reduce((total, size) => total + size, 0);
}
