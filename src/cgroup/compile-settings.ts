import type { Origin } from "../base/origin.ts";
import type { Problem } from "../base/problem.ts";
import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite } from "./cgroup-plan.ts";
import { controllerProblems } from "./controller-problems.ts";
import { controllerWritesV1, controllerWritesV2, isOnV1 } from "./controller-writes.ts";
import { deviceRuleProblems, deviceRules } from "./device-rules.ts";
import type { CgroupFacts, CgroupV1Hierarchy } from "./facts.ts";
import { isUnifiedHost } from "./facts.ts";
import type { Place, Places } from "./place.ts";
import { resource } from "./target.ts";
import { inheritCpuset } from "./v1/cpuset.ts";
import { compileDevicesV1, deviceProblemsV1 } from "./v1/devices.ts";
import { compileDeviceProgram } from "./v2/device-program.ts";

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
  const { resources, facts, places } = request;
  return {
    writes: [...places.v1.flatMap((place) => writesV1(place, request)), ...writesV2(request)],
    problems: [...controllerProblems(resources, facts, places), ...deviceProblems(request)],
  };
}

function writesV1(place: Place<CgroupV1Hierarchy>, request: SettingsRequest): readonly CgroupWrite[] {
  const { hierarchy, start, target } = place;
  const { resources, rootless, from } = request;
  const settings = controllerWritesV1(place, resources);
  if (hierarchy.controllers.includes("devices") && !rootless) {
    return [...settings, ...compileDevicesV1(resources.devices, target)];
  }
  if (!hierarchy.controllers.includes("cpuset")) return settings;
  const parents = [start, ...target.ancestors];
  const ancestors = target.ancestors.flatMap((path, index) => inheritCpuset(path, parents[index] ?? start, from));
  return [...ancestors, ...settings, ...inheritCpuset(target.directory, parents.at(-1) ?? start, from)];
}

function writesV2({ resources, facts, rootless, places, from }: SettingsRequest): readonly CgroupWrite[] {
  if (places.v2 === undefined) return [];
  const settings = controllerWritesV2(places.v2, { resources, places, enableAll: isUnifiedHost(facts), from });
  if (rootless || isOnV1("devices", places)) return settings;
  const rules = deviceRules(resources.devices);
  const program = compileDeviceProgram(rules);
  return [...settings, { kind: "deviceProgram", path: places.v2.target.directory, program, from: rules.from }];
}

function deviceProblems({ resources, places, rootless }: SettingsRequest): readonly Problem[] {
  const problems = deviceRuleProblems(resources.devices);
  if (rootless || problems.some(({ severity }) => severity === "error")) return problems;
  if (isOnV1("devices", places)) return [...problems, ...deviceProblemsV1(resources.devices)];
  if (places.v2 !== undefined || !resources.devices?.some(({ allow }) => !allow)) return problems;
  const message = "denies devices, which needs the cgroup controller devices or cgroup v2, and neither is mounted";
  const pointer = resource("devices");
  const spec = "config-linux.md#allowed-device-list";
  return [...problems, { code: "CGROUP_CONTROLLER", severity: "error", pointer, message, spec }];
}
