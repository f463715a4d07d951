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

/** An image without a name is there once, and not at all where it has a name, be it through another manifest. */
function tidy(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  return entries.filter((entry, index) => {
    if (entry.reference !== undefined) return true;
    const same = entries.filter((other) => isSameImage(other, entry));
    return same.every(({ reference }) => reference === undefined) && same.at(-1) === entries[index];
  });
}

function isSameImage(a: IndexEntry, b: IndexEntry): boolean {
  if (a.manifest.digest === b.manifest.digest) return true;
  return a.imageId !== undefined && a.imageId === b.imageId;
}
