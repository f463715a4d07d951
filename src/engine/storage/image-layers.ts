import { makeDirs, removeDir } from "../../sys/files.ts";
import { unmount } from "../../sys/mounts.ts";
import { EngineError } from "../base/errors.ts";
import { isRecord, type JsonFormat, readJson, writeJson } from "../base/json-store.ts";
import { newObjectId } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ImageId } from "../image/image.ts";
import { readImageConfig } from "../image/image-config.ts";
import { allInitItems, type InitItem, missingInitItems } from "./init-layer.ts";
import { chainIds, readLayerRecord } from "./layer-record.ts";
import { overlayDirectory, shortName } from "./overlay-layout.ts";
import { mountOverlay } from "./overlay-mount.ts";

/** What a container stands on. */
export interface LowerLayers {
  /** Directories of the overlay2 layout, the uppermost first; none for a directory of the host. */
  readonly lowerIds: readonly string[];
  readonly initItems: readonly InitItem[];
}

export interface LowerSource {
  readonly image: ImageId | undefined;
  readonly rootfs: string | undefined;
}

/** Finds the extracted layers of an image, or looks at a directory of the host. Throws EngineError. */
export async function imageLayers(paths: EnginePaths, { image, rootfs }: LowerSource): Promise<LowerLayers> {
  if (image !== undefined) {
    const lowerIds = layersOfImage(paths, image);
    return { lowerIds, initItems: initItemsOf(paths, lowerIds) };
  }
  if (rootfs !== undefined) return { lowerIds: [], initItems: [] };
  throw new TypeError("a container needs an image or a directory");
}

function layersOfImage(paths: EnginePaths, image: ImageId): readonly string[] {
  const chain = chainIds(readImageConfig(paths, image).rootfs.diff_ids);
  const ids = chain.map((chainId) => {
    const record = readLayerRecord(paths, chainId);
    if (record !== undefined) return record.cacheId;
    throw new EngineError(`Cannot use image ${image}: its layer ${chainId} is not extracted`, { code: "ERR_STORAGE" });
  });
  return ids.reverse();
}

const INIT_FORMAT: JsonFormat<{ readonly items: readonly InitItem[] }> = {
  name: "list of an init layer",
  version: 1,
  // Only this program writes it, and a damaged one has no array.
  check: (value) => (isRecord(value) && Array.isArray(value.items) ? { items: value.items as InitItem[] } : undefined),
};

/** Every container of an image needs the same: it is looked up once, and kept beside the uppermost layer. */
function initItemsOf(paths: EnginePaths, lowerIds: readonly string[]): readonly InitItem[] {
  const [top] = lowerIds;
  if (top === undefined) return allInitItems();
  const file = `${paths.overlay2}/${top}/init.json`;
  const known = readJson(file, INIT_FORMAT);
  if (known !== undefined) return known.items;
  const items =
    lowerIds.length === 1 ? missingInitItems(overlayDirectory(paths, top).diff) : lookMerged(paths, lowerIds);
  writeJson(file, { items }, INIT_FORMAT);
  return items;
}

function lookMerged(paths: EnginePaths, lowerIds: readonly string[]): readonly InitItem[] {
  const target = `${paths.run}/look-${newObjectId().slice(0, 16)}`;
  makeDirs(target, 0o700);
  try {
    const lowers = lowerIds.map((id) => overlayDirectory(paths, id).diff);
    const shortLowers = lowerIds.map((id) => shortName(paths, id) ?? `${id}/diff`);
    mountOverlay({ lowers, target, relativeTo: paths.overlay2, shortLowers });
    try {
      return missingInitItems(target);
    } finally {
      unmount(target);
    }
  } finally {
    removeDir(target);
  }
}
