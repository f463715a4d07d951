import { pointerTo } from "../../base/json-pointer.ts";
import type { Problem } from "../../base/problem.ts";
import { shownValue } from "../../base/problem.ts";
import type { CgroupDirectory, CgroupPaths, CgroupPlan, CgroupWrite } from "../cgroup-plan.ts";
import type { ResolvedRequest } from "../compile-cgroup.ts";
import { deviceRuleProblems } from "../device-rules.ts";
import type { CgroupV1Hierarchy } from "../facts.ts";
import { delegatedDirectory } from "../facts.ts";
import { cgroupJoins } from "../joins.ts";
import type { Resources } from "../resources.ts";
import type { Target } from "../target.ts";
import { resource } from "../target.ts";
import { V1_CONTROLLERS } from "./controllers.ts";
import { inheritBoth, inheritCpusets } from "./cpuset.ts";
import { compileDevicesV1, deviceProblemsV1 } from "./devices.ts";
import { memoryProblemsV1 } from "./memory.ts";

/**
 * Compiles for v1, and for hybrid hosts, where the v2 hierarchy has no controllers: the container gets a v2 cgroup
 * too, because cgroup.kill ends every process of it at once. Being cloned into it costs 0.1 ms.
 */
export function compileCgroupV1(request: ResolvedRequest): CgroupPlan {
  const places = request.facts.v1.flatMap((hierarchy) => placeOf(hierarchy, request) ?? []);
  const v2 = v2Directories(request);
  const cloneInto = v2.at(-1);
  const from = request.path.from;
  const own = places.flatMap(({ hierarchy, target }) =>
    keysOf(hierarchy).map((key) => [key, target.directory] as const),
  );
  const paths: CgroupPaths = {
    v1: Object.fromEntries(own),
    ...(cloneInto === undefined ? {} : { v2: cloneInto }),
  };
  return {
    directories: [...places.flatMap((place) => directoriesOf(place, request)), ...v2.map((path) => ({ path, from }))],
    writes: places.flatMap((place) => writesOf(place, request)),
    joins: cgroupJoins(paths, from),
    ...(cloneInto === undefined ? {} : { cloneInto }),
    paths,
    problems: problemsOf(request, places),
  };
}

/** A hierarchy that the container takes part in, and its cgroup there. */
interface Place {
  readonly hierarchy: CgroupV1Hierarchy;
  /** The directory that exists already and that all ancestors are below. */
  readonly start: string;
  readonly target: Target;
}

function placeOf(hierarchy: CgroupV1Hierarchy, request: ResolvedRequest): Place | undefined {
  const start = request.rootless ? delegatedDirectory(hierarchy, 1) : hierarchy.mountpoint;
  if (start === undefined || !hierarchy.writable) return undefined;
  const [directory, ...ancestors] = descend(start, request.path.names).reverse();
  if (directory === undefined) return undefined;
  return { hierarchy, start, target: { directory, ancestors: ancestors.reverse() } };
}

/** The directories on the way down, the last one being the container's. */
function descend(start: string, names: readonly string[]): string[] {
  let path = start;
  return names.map((name) => {
    path = `${path}/${name}`;
    return path;
  });
}

function v2Directories({ facts, path, rootless }: ResolvedRequest): readonly string[] {
  if (facts.v2 === undefined || !facts.v2.writable) return [];
  const start = rootless ? delegatedDirectory(facts.v2, 2) : facts.v2.mountpoint;
  return start === undefined ? [] : descend(start, path.names);
}

function keysOf({ controllers, name }: CgroupV1Hierarchy): readonly string[] {
  return name === undefined ? controllers : [...controllers, `name=${name}`];
}

function directoriesOf({ target }: Place, { path }: ResolvedRequest): readonly CgroupDirectory[] {
  return [...target.ancestors, target.directory].map((directory) => ({ path: directory, from: path.from }));
}

function writesOf(place: Place, { path, resources, rootless }: ResolvedRequest): readonly CgroupWrite[] {
  const { hierarchy, start, target } = place;
  const writes: CgroupWrite[] = [];
  const isCpuset = hierarchy.controllers.includes("cpuset");
  if (isCpuset) writes.push(...inheritCpusets(start, target.ancestors, path.from));
  for (const controller of hierarchy.controllers) {
    writes.push(...(V1_CONTROLLERS[controller]?.(resources, target) ?? []));
    if (controller === "devices" && !rootless) writes.push(...compileDevicesV1(resources.devices, target));
  }
  if (isCpuset) writes.push(...inheritBoth(target.directory, target.ancestors.at(-1) ?? start, path.from));
  return writes;
}

function problemsOf(request: ResolvedRequest, places: readonly Place[]): readonly Problem[] {
  const { resources, facts, rootless } = request;
  return [
    ...missingControllers(request, places),
    ...unifiedProblems(resources, facts.v2 !== undefined),
    ...(resources.memory === undefined ? [] : memoryProblemsV1(resources.memory, undefined)),
    ...deviceRuleProblems(resources.devices),
    ...(rootless ? [] : deviceProblemsV1(resources.devices)),
  ];
}

/** What the config asks of controllers that this host, or this caller, does not have. */
function missingControllers(request: ResolvedRequest, places: readonly Place[]): readonly Problem[] {
  const present = new Set(places.flatMap(({ hierarchy }) => hierarchy.controllers));
  const problems: Problem[] = [];
  for (const [controller, compile] of Object.entries(V1_CONTROLLERS)) {
    if (present.has(controller)) continue;
    for (const { from } of compile(request.resources, NOWHERE)) {
      if ("config" in from) problems.push(missingController(controller, from.config, request));
    }
  }
  if (!present.has("devices") && !request.rootless && request.resources.devices?.some(({ allow }) => !allow)) {
    problems.push(missingController("devices", resource("devices"), request));
  }
  return problems;
}

const NOWHERE: Target = { directory: "", ancestors: [] };

function missingController(controller: string, pointer: Problem["pointer"], request: ResolvedRequest): Problem {
  const mounted = request.facts.v1.some(({ controllers }) => controllers.includes(controller));
  const about = {
    code: "CGROUP_CONTROLLER",
    severity: "error",
    pointer,
    spec: "config-linux.md#control-groups",
  } as const;
  if (!mounted)
    return { ...about, message: `needs the cgroup controller ${controller}, which is not mounted on this host` };
  return {
    ...about,
    message: `needs the cgroup controller ${controller}, whose hierarchy the caller must not write to`,
  };
}

function unifiedProblems({ unified = {} }: Resources, hybrid: boolean): readonly Problem[] {
  const host = hybrid ? "this host's controllers are on cgroup v1" : "this host has cgroup v1";
  return Object.entries(unified).map(([file, value]) => ({
    code: "CGROUP_UNIFIED_ON_V1",
    severity: "error",
    pointer: pointerTo(resource("unified"), file),
    value: shownValue(value),
    message: `is a setting of cgroup v2, and ${host}`,
    spec: "config-linux.md#unified",
  }));
}
