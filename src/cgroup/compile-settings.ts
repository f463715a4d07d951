import type { JsonPointer } from "../base/json-pointer.ts";
import type { Origin } from "../base/origin.ts";
import type { Problem } from "../base/problem.ts";
import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite } from "./cgroup-plan.ts";
import type { Controller } from "./controllers.ts";
import { CONTROLLERS } from "./controllers.ts";
import { deviceRuleProblems, deviceRules } from "./device-rules.ts";
import type { CgroupFacts, CgroupV1Hierarchy, CgroupV2Hierarchy } from "./facts.ts";
import { isUnifiedHost } from "./facts.ts";
import type { Place, Places } from "./place.ts";
import type { Target } from "./target.ts";
import { resource } from "./target.ts";
import { inheritCpuset } from "./v1/cpuset.ts";
import { compileDevicesV1, deviceProblemsV1 } from "./v1/devices.ts";
import { memoryProblemsV1 } from "./v1/memory.ts";
import { compileDeviceProgram } from "./v2/device-program.ts";
import { enableControllers } from "./v2/enable-controllers.ts";
import { memoryProblemsV2 } from "./v2/memory.ts";
import { compileUnified, unifiedControllers, unifiedProblems } from "./v2/unified.ts";
import { v1OnlyProblems } from "./v2/v1-only.ts";

export interface SettingsRequest {
  readonly resources: Resources;
  readonly facts: CgroupFacts;
  readonly rootless: boolean;
  readonly places: Places;
  /** The origin of the cgroup itself, for what it needs before anything is set. */
  readonly from: Origin;
}

/** The writes of a new container's cgroups, in order, and what this host cannot do of linux.resources. */
export interface Settings {
  readonly writes: readonly CgroupWrite[];
  readonly problems: readonly Problem[];
}

/** Compiles linux.resources, each part for the version that its controller is mounted in. */
export function compileSettings(request: SettingsRequest): Settings {
  const { resources, places } = request;
  const writes = places.v1.flatMap((place) => writesV1(place, request));
  if (places.v2 !== undefined) writes.push(...writesV2(places.v2, request));
  const problems = [...CONTROLLERS.flatMap((controller) => controllerProblems(controller, request))];
  problems.push(...unifiedProblems(resources, places.v2?.hierarchy.controllers ?? []), ...deviceProblems(request));
  return { writes, problems };
}

function writesV1(place: Place<CgroupV1Hierarchy>, request: SettingsRequest): readonly CgroupWrite[] {
  const { hierarchy, start, target } = place;
  const { resources, rootless, from } = request;
  const has = (controller: string) => hierarchy.controllers.includes(controller);
  const writes: CgroupWrite[] = [];
  if (has("cpuset")) {
    writes.push(
      ...target.ancestors.flatMap((path, index) => inheritCpuset(path, target.ancestors[index - 1] ?? start, from)),
    );
  }
  for (const { v1, compileV1 } of CONTROLLERS) if (has(v1)) writes.push(...compileV1(resources, target));
  if (has("cpuset")) writes.push(...inheritCpuset(target.directory, target.ancestors.at(-1) ?? start, from));
  if (has("devices") && !rootless) writes.push(...compileDevicesV1(resources.devices, target));
  return writes;
}

/** Controllers have to be enabled in every directory above before their files appear. */
function writesV2(place: Place<CgroupV2Hierarchy>, request: SettingsRequest): readonly CgroupWrite[] {
  const { resources, facts, rootless, places } = request;
  const { target } = place;
  const used = CONTROLLERS.filter((controller) => isOnV2(controller, places));
  const settings = used.map(({ v2, compileV2 }) => ({ v2, writes: compileV2?.(resources, target) ?? [] }));
  const needed = settings.flatMap(({ v2, writes }) => (v2 === undefined || writes.length === 0 ? [] : [v2]));
  const required = [...new Set([...needed, ...unifiedControllers(resources)])];
  const writes: CgroupWrite[] = [...enableControllers(place, required, isUnifiedHost(facts), request.from)];
  writes.push(...settings.flatMap((setting) => setting.writes), ...compileUnified(resources, target));
  if (!rootless && !hasV1Controller(places, "devices")) {
    const rules = deviceRules(resources.devices);
    writes.push({
      kind: "deviceProgram",
      path: target.directory,
      program: compileDeviceProgram(rules),
      from: rules.from,
    });
  }
  return writes;
}

function hasV1Controller(places: Places, controller: string): boolean {
  return places.v1.some(({ hierarchy }) => hierarchy.controllers.includes(controller));
}

function isOnV2({ v1, v2 }: Controller, places: Places): boolean {
  if (v2 === undefined || hasV1Controller(places, v1)) return false;
  return places.v2?.hierarchy.controllers.includes(v2) ?? false;
}

function controllerProblems(controller: Controller, request: SettingsRequest): readonly Problem[] {
  const { resources, places, facts } = request;
  const memory = controller.v1 === "memory" ? resources.memory : undefined;
  if (hasV1Controller(places, controller.v1)) {
    return memory === undefined ? [] : memoryProblemsV1(memory, undefined);
  }
  if (isOnV2(controller, places)) {
    const swap = memory === undefined ? [] : memoryProblemsV2(memory, undefined);
    return [...v1OnlyProblems(resources, controller), ...swap];
  }
  if (controller.v2 === undefined && isUnifiedHost(facts)) return v1OnlyProblems(resources, controller);
  const asked = controller.compileV1(resources, NOWHERE).flatMap(({ from }) => ("config" in from ? [from.config] : []));
  return [...new Set(asked)].map((pointer) => missingController(controller, pointer, request));
}

/** Settings are compiled for no cgroup to learn which of them the config asks for. */
const NOWHERE: Target = { directory: "", ancestors: [] };

function missingController({ v1, v2 }: Controller, pointer: JsonPointer, { facts }: SettingsRequest): Problem {
  const about = {
    code: "CGROUP_CONTROLLER",
    severity: "error",
    pointer,
    spec: "config-linux.md#control-groups",
  } as const;
  const isMounted = facts.v1.some(({ controllers }) => controllers.includes(v1));
  const isListed = v2 !== undefined && facts.v2?.controllers.includes(v2);
  if (isMounted || isListed) {
    const message = `needs the cgroup controller ${v1}, and the caller must not make cgroups there`;
    return { ...about, message, fix: "run as root, or have the service manager delegate the cgroup" };
  }
  const where = isUnifiedHost(facts) ? "not in this host's unified hierarchy" : "not mounted on this host";
  return { ...about, message: `needs the cgroup controller ${isUnifiedHost(facts) ? v2 : v1}, which is ${where}` };
}

function deviceProblems({ resources, places, facts, rootless }: SettingsRequest): readonly Problem[] {
  const problems = deviceRuleProblems(resources.devices);
  if (rootless || problems.length > 0) return problems;
  if (hasV1Controller(places, "devices")) return deviceProblemsV1(resources.devices);
  if (places.v2 !== undefined || !resources.devices?.some(({ allow }) => !allow)) return [];
  const message = `denies devices, which needs ${facts.v1.length > 0 ? "the cgroup controller devices" : "cgroups"}, which is not mounted on this host`;
  const spec = "config-linux.md#allowed-device-list";
  return [{ code: "CGROUP_CONTROLLER", severity: "error", pointer: resource("devices"), message, spec }];
}
