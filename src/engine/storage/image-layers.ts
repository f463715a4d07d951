import { makeDirs, removeDir } from "../../sys/files.ts";
import { unmount } from "../../sys/mounts.ts";
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

/** The layers of an image, extracted where they are not yet, or a directory of the host. Throws EngineError, SystemError. */
export async function imageLayers(paths: EnginePaths, { image, rootfs }: LowerSource): Promise<LowerLayers> {
  if (image !== undefined) {
    const lowerIds = await layersOfImage(paths, image);
    return { lowerIds, initItems: initItemsOf(paths, lowerIds) };
  }
  if (rootfs !== undefined) return { lowerIds: [], initItems: [] };
  throw new TypeError("a container needs an image or a directory");
}

async function layersOfImage(paths: EnginePaths, image: ImageId): Promise<readonly string[]> {
  const diffIds = readImageConfig(paths, image).rootfs.diff_ids;
  const ids: string[] = [];
  for (const [index, chainId] of chainIds(diffIds).entries()) {
    const known = readLayerRecord(paths, chainId);
    if (known === undefined) {
      const { extractLayer } = await import("./extract-layer.ts");
      ids.push(await extractLayer(paths, { image, diffIds, index, chainId }));
    } else ids.push(known.cacheId);
  }
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
