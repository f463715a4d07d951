/** Where a mount is among the others of a container. */
export interface TreePlace {
  readonly path: string;
  /** The innermost other path that it is below; undefined for the root. */
  readonly parent: string | undefined;
}

/** Sorts absolute paths as a tree, each after the one that it is in, and says which that is. "/" is among them. Pure. */
export function mountTree(paths: readonly string[]): readonly TreePlace[] {
  const places: TreePlace[] = [];
  // With a slash behind it, a directory comes right before what is in it.
  for (const path of [...paths].sort((a, b) => (directory(a) < directory(b) ? -1 : 1))) {
    const parent = places.findLast((place) => directory(path).startsWith(directory(place.path)));
    places.push({ path, parent: parent?.path });
  }
  return places;
}

function directory(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}
