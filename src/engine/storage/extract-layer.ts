import { unlink } from "../../sys/files.ts";
import { EngineError } from "../base/errors.ts";
import { lockObject, lockPath } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { Digest, ImageId } from "../image/image.ts";
import { blobPath } from "../image/image-config.ts";
import { readIndex } from "../image/image-index.ts";
import { readImage } from "../image/resolve-image.ts";
import { type ChainId, digits, readLayerRecord } from "./layer-record.ts";
import { NewLayer } from "./new-layer.ts";

export interface LayerPlace {
  readonly image: ImageId;
  /** Of all the image's layers, the lowest first. */
  readonly diffIds: readonly Digest[];
  readonly index: number;
  readonly chainId: ChainId;
}

/**
 * Extracts a layer of an image that is in the store: one that was committed, or that another program has put into the layout.
 * Those below it are extracted. The caller holds the store's lock, so that none of them goes. Gives its directory's name.
 */
export async function extractLayer(paths: EnginePaths, place: LayerPlace): Promise<string> {
  const { chainId } = place;
  const name = `extract-${digits(chainId)}`;
  // Of several that want it at the same time one does it.
  const lock = lockObject(paths, "storage", name);
  try {
    return readLayerRecord(paths, chainId)?.cacheId ?? (await extract(paths, place));
  } finally {
    unlink(lockPath(paths, "storage", name));
    lock.release();
  }
}

async function extract(paths: EnginePaths, { image, diffIds, index }: LayerPlace): Promise<string> {
  const descriptor = readImage(paths, readIndex(paths), image).layers[index];
  const diffId = diffIds[index];
  if (descriptor === undefined || diffId === undefined) {
    throw new EngineError(`Cannot use image ${image}: its manifest has fewer layers than its config`, {
      code: "ERR_STORAGE",
    });
  }
  const layer = new NewLayer(paths, diffIds.slice(0, index));
  try {
    await layer.writeBlob(blobPath(paths, descriptor.digest));
    return layer.finish(diffId).cacheId;
  } finally {
    layer.release();
  }
}
