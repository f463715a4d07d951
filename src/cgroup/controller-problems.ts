import type { JsonPointer } from "../base/json-pointer.ts";
import type { Problem } from "../base/problem.ts";
import type { Resources } from "../config/types.gen.ts";
import { burstProblems } from "./burst-problems.ts";
import { isOnV2 } from "./controller-writes.ts";
import type { Controller } from "./controllers.ts";
import { CONTROLLERS } from "./controllers.ts";
import type { CgroupFacts } from "./facts.ts";
import { isUnifiedHost } from "./facts.ts";
import type { Places } from "./place.ts";
import type { Target } from "./target.ts";
import { memoryProblemsV1 } from "./v1/memory.ts";
import { memoryProblemsV2 } from "./v2/memory.ts";
import { unifiedProblems } from "./v2/unified.ts";
import { v1OnlyProblems } from "./v2/v1-only.ts";

/** What this host's controllers cannot do of linux.resources, but for devices. */
export function controllerProblems(resources: Resources, facts: CgroupFacts, places: Places): readonly Problem[] {
  return [
    ...CONTROLLERS.flatMap((controller) => problemsOf(controller, resources, facts, places)),
    ...memoryProblems(resources, places),
    ...cpuProblems(resources, places),
    ...unifiedProblems(resources, places.v2?.hierarchy.controllers),
  ];
}

function problemsOf(
  controller: Controller,
  resources: Resources,
  facts: CgroupFacts,
  places: Places,
): readonly Problem[] {
  if (places.v1Controllers.has(controller.v1)) return [];
  const leftBehind = controller.v2 === undefined && isUnifiedHost(facts);
  if (leftBehind || isOnV2(controller, places)) return v1OnlyProblems(resources, controller);
  const asked = controller.compileV1(resources, NOWHERE).flatMap(({ from }) => ("config" in from ? [from.config] : []));
  return [...new Set(asked)].map((pointer) => missingController(controller, pointer, facts));
}

/** Settings are compiled for no cgroup to learn which of them the config asks for. */
const NOWHERE: Target = { directory: "", ancestors: [] };

function missingController({ v1, v2 }: Controller, pointer: JsonPointer, facts: CgroupFacts): Problem {
  const about = {
    code: "CGROUP_CONTROLLER",
    severity: "error",
    pointer,
    spec: "config-linux.md#control-groups",
  } as const;
  const isMounted = facts.v1.some(({ controllers }) => controllers.includes(v1));
  if (isMounted || (v2 !== undefined && facts.v2?.controllers.includes(v2))) {
    const message = `needs the cgroup controller ${v1}, and the caller must not make cgroups there`;
    return { ...about, message, fix: "run as root, or have the service manager delegate the cgroup" };
  }
  if (!isUnifiedHost(facts)) {
    return { ...about, message: `needs the cgroup controller ${v1}, which is not mounted on this host` };
  }
  return { ...about, message: `needs the cgroup controller ${v2}, which this host's unified hierarchy does not have` };
}

function cpuProblems({ cpu }: Resources, places: Places): readonly Problem[] {
  if (cpu === undefined) return [];
  const place = places.v1Controllers.get("cpu") ?? places.v2;
  return burstProblems(cpu, place?.target.current);
}

function memoryProblems({ memory }: Resources, places: Places): readonly Problem[] {
  if (memory === undefined) return [];
  const place = places.v1Controllers.get("memory");
  if (place !== undefined) return memoryProblemsV1(memory, place.target.current);
  const isUnified = places.v2?.hierarchy.controllers.includes("memory") ?? false;
  return isUnified ? memoryProblemsV2(memory, places.v2?.target.current) : [];
}
