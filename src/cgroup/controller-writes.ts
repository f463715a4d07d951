import type { Origin } from "../base/origin.ts";
import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite } from "./cgroup-plan.ts";
import type { Controller } from "./controllers.ts";
import { CONTROLLERS } from "./controllers.ts";
import type { CgroupV2Hierarchy } from "./facts.ts";
import type { Place, Places } from "./place.ts";
import { enableControllers } from "./v2/enable-controllers.ts";
import { compileUnified, unifiedControllers } from "./v2/unified.ts";

/** Whether the container has this controller in the unified hierarchy; one that is in v1 is not there. */
export function isOnV2({ v1, v2 }: Controller, places: Places): boolean {
  if (v2 === undefined || places.v1Controllers.has(v1)) return false;
  return places.v2?.hierarchy.controllers.includes(v2) ?? false;
}

export interface ControllerWritesV2 {
  readonly resources: Resources;
  readonly places: Places;
  /** Whether to enable every controller that there is and not only those with settings. */
  readonly enableAll: boolean;
  /** Controllers that somebody else enables. */
  readonly managed?: readonly string[];
  readonly isNew: boolean;
  readonly from: Origin;
}

/** The settings in the unified hierarchy: controllers are enabled in the directories above before their files appear. */
export function controllerWritesV2(
  place: Place<CgroupV2Hierarchy>,
  { resources, places, enableAll, managed = [], isNew, from }: ControllerWritesV2,
): readonly CgroupWrite[] {
  const required = new Set<string>();
  const settings: CgroupWrite[] = [];
  for (const controller of CONTROLLERS) {
    if (controller.v2 === undefined || !isOnV2(controller, places)) continue;
    const writes = controller.compileV2?.(resources, place.target) ?? [];
    if (writes.length > 0) required.add(controller.v2);
    settings.push(...writes);
  }
  for (const controller of unifiedControllers(resources)) required.add(controller);
  const own = [...required].filter((controller) => !managed.includes(controller));
  const enabling = enableControllers(place, { required: own, all: enableAll, isNew, from });
  return [...enabling, ...settings, ...compileUnified(resources, place.target)];
}
