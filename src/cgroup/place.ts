import type { CgroupFacts, CgroupV1Hierarchy, CgroupV2Hierarchy, HierarchyPlace } from "./facts.ts";
import { delegatedDirectory } from "./facts.ts";
import type { Target } from "./target.ts";

/** A hierarchy that the container takes part in, and its cgroup there. */
export interface Place<H> {
  readonly hierarchy: H;
  /** The directory that exists already and that all others are below. */
  readonly start: string;
  readonly target: Target;
}

/** The container's cgroups. Hierarchies that the caller may not write to are left out. */
export interface Places {
  readonly v1: readonly Place<CgroupV1Hierarchy>[];
  readonly v2?: Place<CgroupV2Hierarchy>;
  /** The v1 place of every controller that has one. */
  readonly v1Controllers: ReadonlyMap<string, Place<CgroupV1Hierarchy>>;
}

/**
 * Places a container in every hierarchy: below the mountpoint, which is the root as far as the caller can see, or,
 * for users, below what is delegated to them.
 */
export function placesOf(facts: CgroupFacts, names: readonly string[], rootless: boolean): Places {
  const v1 = facts.v1.flatMap((hierarchy) => placeOf(hierarchy, 1, names, rootless) ?? []);
  return groupPlaces(v1, facts.v2 === undefined ? undefined : placeOf(facts.v2, 2, names, rootless));
}

/** Finds the controllers of the places. */
export function groupPlaces(v1: readonly Place<CgroupV1Hierarchy>[], v2: Place<CgroupV2Hierarchy> | undefined): Places {
  const v1Controllers = new Map<string, Place<CgroupV1Hierarchy>>();
  for (const place of v1) for (const controller of place.hierarchy.controllers) v1Controllers.set(controller, place);
  return v2 === undefined ? { v1, v1Controllers } : { v1, v2, v1Controllers };
}

/** Every directory of a place, parents first; the last one is the container's own. */
export function directoriesOf({ target }: Place<unknown>): readonly string[] {
  return [...target.ancestors, target.directory];
}

function placeOf<H extends HierarchyPlace & { readonly writable: boolean }>(
  hierarchy: H,
  version: 1 | 2,
  names: readonly string[],
  rootless: boolean,
): Place<H> | undefined {
  const start = rootless ? delegatedDirectory(hierarchy, version) : hierarchy.mountpoint;
  if (start === undefined || !hierarchy.writable) return undefined;
  let path = start;
  const directories = names.map((name) => {
    path = `${path}/${name}`;
    return path;
  });
  const directory = directories.pop();
  return directory === undefined ? undefined : { hierarchy, start, target: { directory, ancestors: directories } };
}
