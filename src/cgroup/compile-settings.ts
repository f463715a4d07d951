import type { Origin } from "../base/origin.ts";
import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite, Settings } from "./cgroup-plan.ts";
import { compileDevices } from "./compile-devices.ts";
import { controllerProblems } from "./controller-problems.ts";
import { controllerWritesV2 } from "./controller-writes.ts";
import { CONTROLLERS } from "./controllers.ts";
import type { CgroupFacts } from "./facts.ts";
import { isUnifiedHost } from "./facts.ts";
import type { Place, Places } from "./place.ts";
import { inheritCpuset } from "./v1/cpuset.ts";

export interface SettingsRequest {
  readonly resources: Resources;
  readonly facts: CgroupFacts;
  readonly rootless: boolean;
  readonly places: Places;
  /** The origin of the cgroup itself, for what it needs before anything is set. */
  readonly from: Origin;
  /** Controllers of v2 that somebody else enables. */
  readonly managed?: readonly string[];
}

/** Compiles linux.resources for a new container's cgroups, each part for the version that its controller is mounted in. */
export function compileSettings({ resources, facts, rootless, places, from, managed }: SettingsRequest): Settings {
  const devices = compileDevices(resources.devices, places, rootless);
  const writes: CgroupWrite[] = [];
  for (const { v1, compileV1 } of CONTROLLERS) {
    const place = places.v1Controllers.get(v1);
    if (place === undefined) continue;
    const settings = compileV1(resources, place.target);
    writes.push(...(v1 === "cpuset" ? withInheritance(settings, place, from) : settings));
  }
  if (places.v2 !== undefined) {
    const enableAll = isUnifiedHost(facts) && managed === undefined;
    const options = { resources, places, enableAll, isNew: true, from, ...(managed && { managed }) };
    writes.push(...controllerWritesV2(places.v2, options));
  }
  return {
    writes: [...writes, ...devices.writes],
    problems: [...controllerProblems(resources, facts, places), ...devices.problems],
  };
}

/** A cpuset's settings after what its ancestors lack and before what it lacks itself. */
function withInheritance(
  settings: readonly CgroupWrite[],
  { start, target }: Place<unknown>,
  from: Origin,
): readonly CgroupWrite[] {
  const parents = [start, ...target.ancestors];
  const above = target.ancestors.flatMap((path, index) => inheritCpuset(path, parents[index] ?? start, from));
  return [...above, ...settings, ...inheritCpuset(target.directory, parents.at(-1) ?? start, from)];
}
