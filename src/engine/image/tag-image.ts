import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { fullReference, parseTagged } from "../base/reference.ts";
import { changeIndex } from "./image-index.ts";
import { addImage } from "./image-names.ts";
import { idOf, resolveImageId } from "./resolve-image.ts";

/** Gives an image one more name. Throws EngineError. */
export async function tagImage(paths: EnginePaths, source: string, name: string): Promise<void> {
  const reference = parseTagged(name);
  if (reference.digest !== undefined) {
    throw new EngineError("refusing to create a tag with a digest reference", { code: "ERR_USAGE" });
  }
  await changeIndex(paths, (entries) => {
    const imageId = resolveImageId(paths, entries, source);
    const entry = entries.find((candidate) => idOf(paths, candidate) === imageId);
    return entry === undefined ? entries : addImage(entries, { ...entry, imageId }, [fullReference(reference)]);
  });
}
