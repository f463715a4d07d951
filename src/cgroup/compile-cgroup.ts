import type { Origin } from "../base/origin.ts";
import type { Resources } from "../config/types.gen.ts";
import { resolveCgroupPath } from "./cgroup-path.ts";
import type { CgroupDirectory, CgroupPaths, CgroupPlan } from "./cgroup-plan.ts";
import { compileSettings } from "./compile-settings.ts";
import type { CgroupFacts } from "./facts.ts";
import { cgroupJoins } from "./joins.ts";
import type { Place, Places } from "./place.ts";
import { directoriesOf, placesOf } from "./place.ts";

export interface CgroupRequest {
  readonly id: string;
  /** linux.cgroupsPath as the config has it. */
  readonly cgroupsPath?: string;
  /** linux.resources; a config without any still gets a cgroup and the list of allowed devices. */
  readonly resources?: Resources;
  readonly facts: CgroupFacts;
  /**
   * The caller is not root of the host: cgroups are made where that is delegated to the caller and left out where it
   * is not, and devices are not restricted, because such a caller cannot make or open more than files permit.
   */
  readonly rootless: boolean;
}

/**
 * Compiles linux.cgroupsPath and linux.resources into directories, writes and joins, for v1, v2 and hybrid hosts: each
 * controller is used where it is mounted. On a hybrid host the container gets a v2 cgroup even if no controller is
 * there, because cgroup.kill then ends all of its processes at once; being cloned into it costs 0.1 ms. What the host
 * cannot do is reported in `problems`, never left out in silence. Source: config-linux.md#control-groups, cgroups(7).
 */
export function compileCgroup(request: CgroupRequest): CgroupPlan {
  const { id, cgroupsPath, resources = {}, facts, rootless } = request;
  const path = resolveCgroupPath(cgroupsPath, id);
  const places = placesOf(facts, path.names, rootless);
  const settings = compileSettings({ resources, facts, rootless, places, from: path.from });
  const paths = pathsOf(places);
  return {
    directories: everyPlace(places).flatMap((place) => directories(place, path.from)),
    writes: settings.writes,
    joins: cgroupJoins(paths, path.from),
    ...(paths.v2 === undefined ? {} : { cloneInto: paths.v2 }),
    paths,
    problems: [...path.problems, ...settings.problems],
  };
}

function everyPlace({ v1, v2 }: Places): readonly Place<unknown>[] {
  return v2 === undefined ? v1 : [...v1, v2];
}

/** A place's directories; the last one is the container's own. */
export function directories(place: Place<unknown>, from: Origin): readonly CgroupDirectory[] {
  return directoriesOf(place).map((path) => ({ path, isOwn: path === place.target.directory, from }));
}

/** The container's own directories, by controller. */
export function pathsOf({ v1, v2 }: Places): CgroupPaths {
  const own: Record<string, string> = {};
  for (const { hierarchy, target } of v1) {
    for (const controller of hierarchy.controllers) own[controller] = target.directory;
    if (hierarchy.name !== undefined) own[`name=${hierarchy.name}`] = target.directory;
  }
  return v2 === undefined ? { v1: own } : { v1: own, v2: v2.target.directory };
}
