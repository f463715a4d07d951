import type { Resources } from "../config/types.gen.ts";
import type { CgroupPaths, CgroupWrite, Settings, UnitProperties } from "./cgroup-plan.ts";
import { compileDevices } from "./compile-devices.ts";
import { controllerProblems } from "./controller-problems.ts";
import { controllerWritesV2 } from "./controller-writes.ts";
import { CONTROLLERS } from "./controllers.ts";
import { deviceRules } from "./device-rules.ts";
import type { CgroupFacts, CgroupV1Hierarchy } from "./facts.ts";
import type { Place, Places } from "./place.ts";
import { groupPlaces } from "./place.ts";
import type { Restore } from "./restore.ts";
import { restoreOf } from "./restore.ts";
import { SYSTEMD_CONTROLLERS } from "./systemd/scope.ts";
import type { CurrentValues, Target } from "./target.ts";
import { deviceListOf } from "./v1/device-list.ts";
import { changeDevicesV1 } from "./v1/devices.ts";

export interface UpdateRequest {
  readonly resources: Resources;
  readonly facts: CgroupFacts;
  /** The container's directories, as its state keeps them. */
  readonly paths: CgroupPaths;
  /** The text of the files that `filesBeforeUpdate` lists, by path; those that do not exist are left out. */
  readonly current: Readonly<Record<string, string>>;
  readonly rootless: boolean;
  /** What tells systemd, which enables controllers by itself then. */
  readonly unitProperties?: UnitProperties;
}

/** Writes in an order that the kernel accepts at every step, each with how to take it back, last first. */
export interface CgroupUpdate {
  readonly writes: readonly { readonly write: CgroupWrite; readonly restore: Restore }[];
  readonly problems: Settings["problems"];
}

/** What is read before an update: values that decide which of the new ones has to be written first. */
export function filesBeforeUpdate({ v1, v2 }: CgroupPaths): readonly string[] {
  const files = Object.entries(FILES_V1).flatMap(([controller, names]) => {
    const directory = v1[controller];
    return directory === undefined ? [] : names.map((name) => `${directory}/${name}`);
  });
  return v2 === undefined ? files : [...files, ...FILES_V2.map((name) => `${v2}/${name}`)];
}

const FILES_V1: Readonly<Record<string, readonly string[]>> = {
  cpu: ["cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.cfs_burst_us", "cpu.rt_runtime_us", "cpu.rt_period_us"],
  devices: ["devices.list"],
  memory: ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"],
};
const FILES_V2: readonly string[] = ["cpu.idle", "cpu.max", "cpu.max.burst", "memory.max"];

/**
 * Compiles new resources for a container that exists. What they leave out stays as it is, the list of devices too.
 * Source: runtime-spec's linux.resources by way of the `update` command, cgroups(7).
 */
export function compileUpdate(request: UpdateRequest): CgroupUpdate {
  const { resources, facts } = request;
  const places = placesOfPaths(request);
  const devices = resources.devices === undefined ? UNCHANGED : changeDevices(request, places);
  const writes: CgroupWrite[] = [];
  for (const { v1, compileV1 } of CONTROLLERS) {
    const place = places.v1Controllers.get(v1);
    if (place !== undefined) writes.push(...compileV1(resources, place.target));
  }
  if (places.v2 !== undefined) {
    const from = { implied: "config-linux.md#control-groups" } as const;
    const managed = request.paths.scope === undefined ? {} : { managed: SYSTEMD_CONTROLLERS };
    const options = { resources, places, enableAll: false, isNew: false, from, ...managed };
    writes.push(...controllerWritesV2(places.v2, options));
  }
  if (request.unitProperties !== undefined) writes.push(request.unitProperties);
  return {
    writes: [...writes, ...devices.writes].map((write) => ({ write, restore: restoreOf(write) })),
    problems: [...controllerProblems(resources, facts, places), ...devices.problems],
  };
}

const UNCHANGED: Settings = { writes: [], problems: [] };

/**
 * The v1 list is changed entry by entry, so that no access is lost for a moment, but where systemd has written it anew
 * before; a v2 program is replaced at once.
 */
function changeDevices({ resources, rootless, unitProperties }: UpdateRequest, places: Places): Settings {
  const compiled = compileDevices(resources.devices, places, rootless);
  const target = places.v1Controllers.get("devices")?.target;
  const present = target?.current?.["devices.list"];
  const isKnown = unitProperties === undefined && present !== undefined;
  if (rootless || target === undefined || !isKnown) return compiled;
  const wanted = deviceListOf(deviceRules(resources.devices));
  return { writes: changeDevicesV1(present, wanted, target), problems: compiled.problems };
}

function placesOfPaths({ facts, paths, current }: UpdateRequest): Places {
  const v1 = facts.v1.flatMap((hierarchy): readonly Place<CgroupV1Hierarchy>[] => {
    const directory = paths.v1[hierarchy.controllers[0] ?? `name=${hierarchy.name}`];
    return directory === undefined ? [] : [placeAt(hierarchy, directory, current)];
  });
  const { v2 } = facts;
  return groupPlaces(v1, v2 === undefined || paths.v2 === undefined ? undefined : placeAt(v2, paths.v2, current));
}

function placeAt<H extends { readonly mountpoint: string }>(
  hierarchy: H,
  directory: string,
  current: UpdateRequest["current"],
): Place<H> {
  const start = hierarchy.mountpoint;
  return { hierarchy, start, target: targetAt(directory, start, current) };
}

function targetAt(directory: string, start: string, current: UpdateRequest["current"]): Target {
  const ancestors: string[] = [];
  for (let end = directory.indexOf("/", start.length + 1); end !== -1; end = directory.indexOf("/", end + 1)) {
    ancestors.push(directory.slice(0, end));
  }
  return { directory, ancestors, current: valuesIn(directory, current) };
}

function valuesIn(directory: string, current: UpdateRequest["current"]): CurrentValues {
  const values: Record<string, string> = {};
  for (const [path, text] of Object.entries(current)) {
    const name = path.slice(directory.length + 1);
    if (path === `${directory}/${name}` && !name.includes("/")) values[name] = text.trimEnd();
  }
  return values;
}
