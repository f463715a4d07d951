import type { IndexEntry } from "./image-index.ts";

/** An image as the index has it, without a name. */
export type UnnamedEntry = Omit<IndexEntry, "reference">;

/**
 * Adds an image under its names, whole ones. A name that another image had is that image's no more; an image without a name
 * stays, and is dangling.
 */
export function addImage(
  entries: readonly IndexEntry[],
  image: UnnamedEntry,
  references: readonly string[],
): readonly IndexEntry[] {
  const renamed = references.reduce<readonly IndexEntry[]>(withoutReference, entries);
  const named = references.map((reference) => ({ ...image, reference }));
  return tidy([...renamed, ...(named.length === 0 ? [{ ...image, reference: undefined }] : named)]);
}

/** Takes a name away; the image stays, without a name when it was the last. */
export function withoutReference(entries: readonly IndexEntry[], reference: string): readonly IndexEntry[] {
  return tidy(entries.map((entry) => (entry.reference === reference ? { ...entry, reference: undefined } : entry)));
}

/** An image without a name is there once, and not at all beside itself with a name. */
function tidy(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  return entries.filter((entry, index) => {
    if (entry.reference !== undefined) return true;
    const same = entries.filter(({ manifest }) => manifest.digest === entry.manifest.digest);
    return same.every(({ reference }) => reference === undefined) && same[0] === entries[index];
  });
}
