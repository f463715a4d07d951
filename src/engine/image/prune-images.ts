import type { EnginePaths } from "../base/paths.ts";
import { familiarReference } from "../base/reference.ts";
import { collectGarbage } from "./collect-garbage.ts";
import type { Digest, ImageId, OciImageConfig } from "./image.ts";
import { readImageConfig } from "./image-config.ts";
import { changeIndex } from "./image-index.ts";
import { imageUsers } from "./image-users.ts";
import { idOf } from "./resolve-image.ts";

export interface PruneImagesOptions {
  /** Also images that have names. */
  readonly all: boolean;
  /** Which of them; absent: every one. */
  readonly matches?: (config: OciImageConfig) => boolean;
}

export interface PrunedImages {
  readonly untagged: readonly string[];
  readonly deleted: readonly Digest[];
  readonly freedBytes: number;
}

/** Removes images without a name, or all, that no container has. Throws EngineError, SystemError. */
export async function pruneImages(paths: EnginePaths, { all, matches }: PruneImagesOptions): Promise<PrunedImages> {
  let result: PrunedImages = { untagged: [], deleted: [], freedBytes: 0 };
  await changeIndex(paths, (entries) => {
    const used = new Set(imageUsers(paths).map(({ imageId }) => imageId));
    const gone = entries.filter((entry) => {
      const id = idOf(paths, entry);
      if (used.has(id) || (entry.reference !== undefined && !all)) return false;
      return matches === undefined || matches(readImageConfig(paths, id));
    });
    const left = entries.filter((entry) => !gone.includes(entry));
    const ids = new Set<ImageId>(gone.map((entry) => idOf(paths, entry)));
    const { removed, freedBytes } = collectGarbage(paths, left);
    result = {
      untagged: gone.flatMap(({ reference }) => (reference === undefined ? [] : [familiarReference(reference)])),
      deleted: [...ids, ...removed.filter((digest) => !ids.has(digest))],
      freedBytes,
    };
    return left;
  });
  return result;
}
