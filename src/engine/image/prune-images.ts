import type { EnginePaths } from "../base/paths.ts";
import { familiarReference } from "../base/reference.ts";
import { collectGarbage, type Garbage } from "./collect-garbage.ts";
import type { Digest, ImageId, OciImageConfig } from "./image.ts";
import { readImageConfig } from "./image-config.ts";
import { changeIndex, type IndexEntry } from "./image-index.ts";
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
  let gone: readonly IndexEntry[] = [];
  let ids: ReadonlySet<ImageId> = new Set();
  let garbage: Garbage = { removed: [], freedBytes: 0 };
  await changeIndex(
    paths,
    (entries) => {
      const used = new Set(imageUsers(paths).map(({ imageId }) => imageId));
      gone = entries.filter((entry) => {
        const id = idOf(paths, entry);
        if (used.has(id) || (entry.reference !== undefined && !all)) return false;
        return matches === undefined || matches(readImageConfig(paths, id));
      });
      ids = new Set(gone.map((entry) => idOf(paths, entry)));
      return entries.filter((entry) => !gone.includes(entry));
    },
    (left) => {
      garbage = collectGarbage(paths, left);
    },
  );
  return {
    untagged: gone.flatMap(({ reference }) => (reference === undefined ? [] : [familiarReference(reference)])),
    deleted: [...ids, ...garbage.removed.filter((digest) => !ids.has(digest))],
    freedBytes: garbage.freedBytes,
  };
}
