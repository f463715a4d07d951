import { EngineError, NoSuchObjectError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { familiarReference, fullReference, parseTagged } from "../base/reference.ts";
import type { Image, ImageId } from "./image.ts";
import { readImageConfig } from "./image-config.ts";
import { type IndexEntry, readIndex } from "./image-index.ts";
import { readManifest } from "./manifest.ts";

/**
 * Finds the image that a word of the command line means: a name (the tag "latest" where it has none), a digest, or an id or
 * the beginning of one. Throws NoSuchObjectError in docker's words, and EngineError where the word is no name.
 */
export function resolveImage(paths: EnginePaths, word: string): Image {
  const entries = readIndex(paths);
  const id = resolveImageId(paths, entries, word);
  return readImage(paths, entries, id);
}

/** As resolveImage, of entries that were read. */
export function resolveImageId(paths: EnginePaths, entries: readonly IndexEntry[], word: string): ImageId {
  const named = entryByName(entries, word);
  if (named !== undefined) return idOf(paths, named);
  const prefix = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(word)?.[1];
  const ids = prefix === undefined ? [] : idsWith(paths, entries, prefix);
  const [first, second] = ids;
  if (second !== undefined) throw new EngineError(`Ambiguous image id: ${word} begins several`, { code: "ERR_USAGE" });
  if (first === undefined) throw new NoSuchObjectError("image", shownName(word));
  return first;
}

/** Puts together what is known of an image, with all its names. */
export function readImage(paths: EnginePaths, entries: readonly IndexEntry[], id: ImageId): Image {
  const own = entries.filter((entry) => idOf(paths, entry) === id);
  const [first] = own;
  if (first === undefined) throw new NoSuchObjectError("image", id);
  const { digest } = first.manifest;
  const { layers } = readManifest(paths, digest);
  const repoTags = own.flatMap(({ reference }) => (reference === undefined ? [] : [familiarReference(reference)]));
  return { id, digest, config: readImageConfig(paths, id), layers, repoTags };
}

/** The id of an entry's image; entries that other programs have written tell it in the manifest only. */
export function idOf(paths: EnginePaths, { imageId, manifest }: IndexEntry): ImageId {
  return imageId ?? readManifest(paths, manifest.digest).config.digest;
}

/** The entry that has the name, or the digest, that is written. */
export function entryByName(entries: readonly IndexEntry[], word: string): IndexEntry | undefined {
  const reference = parsedName(word);
  if (reference === undefined) return undefined;
  const { digest } = reference;
  if (digest !== undefined) return entries.find(({ manifest }) => manifest.digest === digest);
  const full = fullReference(reference);
  return (
    entries.find((entry) => entry.reference === full) ?? entries.find((entry) => meansName(entry.reference, word, full))
  );
}

/** Other programs that put images into the layout write names in short, or write what is none. */
function meansName(reference: string | undefined, word: string, full: string): boolean {
  if (reference === undefined || reference === word) return reference !== undefined;
  try {
    return fullReference(parseTagged(reference)) === full;
  } catch {
    return false;
  }
}

/** What is no name, such as "sha256:…", can still be an id. */
function parsedName(word: string): ReturnType<typeof parseTagged> | undefined {
  if (/^sha256:[0-9a-f]+$/.test(word)) return undefined;
  return parseTagged(word);
}

function idsWith(paths: EnginePaths, entries: readonly IndexEntry[], prefix: string): readonly ImageId[] {
  const ids = new Set(entries.map((entry) => idOf(paths, entry)));
  return [...ids].filter((id) => id.startsWith(`sha256:${prefix}`));
}

function shownName(word: string): string {
  const reference = parsedName(word);
  return reference === undefined ? word : familiarReference(fullReference(reference));
}
