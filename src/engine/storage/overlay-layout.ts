import { close } from "../../sys/descriptors.ts";
import { createFile, makeDir, makeDirs, pathType, readTextIfExists, unlink } from "../../sys/files.ts";
import { type EntryMetadata, makeEntry, openTree, removeTrees } from "../../sys/tree.ts";
import { WHITEOUT } from "../archive/whiteout.ts";
import type { EnginePaths } from "../base/paths.ts";
import { randomBytes } from "../base/random-bytes.ts";

/**
 * docker's layout of overlay2: `<id>/diff` has the files, `<id>/link` the short name that `l/` has for it, `<id>/lower`
 * the short names of what is below it, the uppermost first; `work` and `merged` are a container's. Short names keep the
 * options of a mount short. Source: docker's documentation of the overlay2 storage driver.
 */
export interface OverlayDirectory {
  readonly id: string;
  readonly diff: string;
  readonly work: string;
  readonly merged: string;
}

export function overlayDirectory({ overlay2 }: EnginePaths, id: string): OverlayDirectory {
  const directory = `${overlay2}/${id}`;
  return { id, diff: `${directory}/diff`, work: `${directory}/work`, merged: `${directory}/merged` };
}

/** Makes the directory of a layer or of a container's own layer, on others: the ids of those, the uppermost first. */
export function makeOverlayDirectory(
  paths: EnginePaths,
  id: string,
  lowerIds: readonly string[],
  hasMount: boolean,
): OverlayDirectory {
  const made = overlayDirectory(paths, id);
  makeDirs(`${paths.overlay2}/l`, 0o711);
  makeDir(`${paths.overlay2}/${id}`, 0o710);
  makeDir(made.diff, 0o755);
  if (lowerIds.length > 0 || hasMount) makeDir(made.work, 0o700);
  if (hasMount) makeDir(made.merged, 0o700);
  if (lowerIds.length > 0) createFile(`${paths.overlay2}/${id}/lower`, lowerNames(paths, lowerIds).join(":"), 0o644);
  linkShortName(paths, id);
  return made;
}

/** Removes directories of the layout, their short names first: what is left of one after a crash is found by its record. */
export function removeOverlayDirectories(paths: EnginePaths, ...ids: readonly string[]): void {
  for (const id of ids) {
    const name = shortName(paths, id);
    if (name !== undefined && pathType(`${paths.overlay2}/${name}`) !== undefined) unlink(`${paths.overlay2}/${name}`);
  }
  removeTrees(ids.map((id) => `${paths.overlay2}/${id}`));
}

/** "l/" and the short name of a directory of the layout; undefined where a crash came before it was written. */
export function shortName({ overlay2 }: EnginePaths, id: string): string | undefined {
  const name = readTextIfExists(`${overlay2}/${id}/link`)?.trim();
  return name === undefined || name === "" ? undefined : `l/${name}`;
}

function lowerNames(paths: EnginePaths, lowerIds: readonly string[]): readonly string[] {
  return lowerIds.map((id) => shortName(paths, id) ?? `${id}/diff`);
}

function linkShortName({ overlay2 }: EnginePaths, id: string): void {
  const name = base32(randomBytes(16));
  createFile(`${overlay2}/${id}/link`, name, 0o644);
  const root = openTree(`${overlay2}/l`);
  try {
    makeEntry(root, name, LINK, { target: `../${id}/diff` });
  } finally {
    close(root);
  }
}

const LINK: EntryMetadata = { ...WHITEOUT, kind: "symlink", mode: 0o777 };

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** 26 characters for 16 bytes. Source: RFC 4648, without padding. */
function base32(bytes: Uint8Array): string {
  let text = "";
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += BASE32[(pair >> (11 - (bit & 7))) & 31] ?? "";
  }
  return text;
}
