import { S_IFDIR, S_IFMT } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import { fromByteString, listTree, lookTree, openTree, type TreeEntry, type TreeFacts } from "../../sys/tree.ts";
import { isOpaqueEntry, isWhiteoutEntry } from "./hide-below.ts";

/** `diff`: added, changed or deleted. */
export interface RootfsChange {
  readonly kind: "A" | "C" | "D";
  /** Absolute, as the container sees it. */
  readonly path: string;
}

/**
 * What an upper layer changes of those below it, parents before what is in them. With `isCopy` the layer has everything,
 * and what is missing in it was deleted. Throws SystemError.
 */
export function layerChanges(upper: string, lowers: readonly string[], isCopy: boolean): readonly RootfsChange[] {
  const roots = lowers.map(openTree);
  const own = openTree(upper);
  try {
    return changesIn({ roots, isCopy }, own, ".", "", [...roots.keys()]);
  } finally {
    for (const root of [...roots, own]) close(root);
  }
}

interface Layers {
  readonly roots: readonly number[];
  readonly isCopy: boolean;
}

/** `below`: those layers whose directory of this path shows through, the uppermost first. */
function changesIn(
  layers: Layers,
  parent: number,
  name: string,
  prefix: string,
  below: readonly number[],
): readonly RootfsChange[] {
  const { fd, entries } = listTree(parent, name);
  try {
    // fuse-overlayfs keeps its marks in files of AUFS's names.
    const files = entries.filter((entry) => !entry.name.startsWith(".wh."));
    const found = files.flatMap((entry) => entryChanges(layers, fd, entry, `${prefix}${entry.name}`, below));
    if (!layers.isCopy) return found;
    const present = new Set(entries.map((entry) => entry.name));
    const gone = [...namesBelow(layers, prefix, below)].filter((lower) => !present.has(lower)).sort();
    return [...found, ...gone.map((lower) => change("D", `${prefix}${lower}`))];
  } finally {
    close(fd);
  }
}

function entryChanges(
  layers: Layers,
  directory: number,
  entry: TreeEntry,
  path: string,
  below: readonly number[],
): readonly RootfsChange[] {
  const { first, shown } = lookBelow(layers, path, below);
  if (isWhiteoutEntry(entry)) return first === undefined ? [] : [change("D", path)];
  const isDirectory = isDirectoryFacts(entry);
  const isOpaque = isDirectory && isOpaqueEntry(directory, entry);
  const inside = isDirectory ? changesIn(layers, directory, entry.name, `${path}/`, isOpaque ? [] : shown) : [];
  if (first === undefined) return [change("A", path), ...inside];
  const isSame = isDirectory ? inside.length === 0 && isSameDirectory(entry, first) : isSameFile(layers, entry, first);
  return isSame ? [] : [change("C", path), ...inside];
}

interface Below {
  /** What the layers below show under the path. */
  readonly first: TreeFacts | undefined;
  /** The layers whose directory shows. */
  readonly shown: readonly number[];
}

function lookBelow({ roots }: Layers, path: string, below: readonly number[]): Below {
  let first: TreeFacts | undefined;
  const shown: number[] = [];
  for (const index of below) {
    const root = roots[index];
    const facts = root === undefined ? undefined : lookTree(root, path);
    if (facts === undefined || root === undefined) continue;
    if (isWhiteoutEntry({ ...facts, name: path })) break;
    first ??= facts;
    if (!isDirectoryFacts(facts)) break;
    shown.push(index);
    if (isOpaqueEntry(root, { ...facts, name: path })) break;
  }
  return { first, shown };
}

function namesBelow(layers: Layers, prefix: string, below: readonly number[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const index of below) {
    const root = layers.roots[index];
    if (root === undefined) continue;
    const { fd, entries } = listTree(root, prefix === "" ? "." : prefix.slice(0, -1));
    close(fd);
    for (const { name } of entries) {
      if (lookBelow(layers, `${prefix}${name}`, below).first !== undefined) names.add(name);
    }
  }
  return names;
}

function isDirectoryFacts({ mode }: TreeFacts): boolean {
  return (mode & S_IFMT) === S_IFDIR;
}

function isSameDirectory(a: TreeFacts, b: TreeFacts): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

/** A file of an upper layer was written to, or it would not be there; one of a copy is the same until it differs. */
function isSameFile({ isCopy }: Layers, a: TreeFacts, b: TreeFacts): boolean {
  if (!isCopy) return false;
  return isSameDirectory(a, b) && a.size === b.size && a.seconds === b.seconds;
}

function change(kind: RootfsChange["kind"], path: string): RootfsChange {
  return { kind, path: `/${fromByteString(path)}` };
}
