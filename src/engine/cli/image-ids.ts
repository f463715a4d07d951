import type { EnginePaths } from "../base/paths.ts";
import { resolveImage } from "../image/resolve-image.ts";

/** The id of the image that a word means, as a list; none where there is no such image. */
export function imageIdsOf(paths: EnginePaths, word: string): readonly string[] {
  try {
    return [resolveImage(paths, word).id];
  } catch {
    return [];
  }
}
