import type { Resources } from "../../config/types.gen.ts";
import type { CgroupPlan } from "../cgroup-plan.ts";
import { type CgroupRequest, directories, pathsOf } from "../compile-cgroup.ts";
import { compileSettings } from "../compile-settings.ts";
import { type CgroupFacts, isUnifiedHost } from "../facts.ts";
import { cgroupJoins } from "../joins.ts";
import { placesOf } from "../place.ts";
import { annotationProperties } from "./annotation-properties.ts";
import { startScopeCommand, stopScopeCommand } from "./bus-call.ts";
import { deviceProperties } from "./device-properties.ts";
import { resourceProperties } from "./resource-properties.ts";
import { SYSTEMD_CONTROLLERS, type SystemdFacts } from "./scope.ts";
import { resolveScope } from "./scope-name.ts";
import { oomPolicyProperties } from "./unified-properties.ts";

export interface ScopeRequest extends CgroupRequest {
  readonly systemd: SystemdFacts;
  /** The config's annotations, which can set a scope's properties. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * As compileCgroup, where systemd makes the cgroup: it is a scope below the manager's, the init starts outside of it and
 * is moved, and the settings are written when it is there. Hierarchies of v1 that systemd does not know get their
 * directories as ever. Source: config-linux.md#control-groups, systemd's CGROUP_DELEGATION.md.
 */
export function compileScope(request: ScopeRequest): CgroupPlan {
  const { id, resources = {}, rootless, systemd } = request;
  const name = resolveScope(request.cgroupsPath, id, systemd.user);
  const { from } = name;
  const facts = scopeFacts(request.facts, systemd);
  const below = systemd.controlGroup.split("/").filter((directory) => directory !== "");
  const places = placesOf(facts, [...below, ...name.names], false);
  const settings = compileSettings({ resources, facts, rootless, places, from, managed: SYSTEMD_CONTROLLERS });
  const annotations = annotationProperties(request.annotations);
  const properties = [...propertiesOf(resources, isUnifiedHost(facts), systemd), ...annotations.properties];
  const unit = { unit: name.unit, user: systemd.user };
  const paths = { ...pathsOf(places), scope: unit };
  const directory = paths.v2 ?? paths.v1["name=systemd"] ?? "";
  const start = startScopeCommand(systemd, name, id, properties);
  return {
    directories: places.v1.flatMap((place) => directories(place, from)),
    writes: settings.writes,
    joins: cgroupJoins(paths, from),
    scope: { ...unit, directory, start, stop: stopScopeCommand(systemd, name.unit), from },
    paths,
    problems: [...name.problems, ...annotations.problems, ...settings.problems],
  };
}

/** Nothing is restricted for a user, whose manager could not either. */
function propertiesOf(resources: Resources, isUnified: boolean, { user, version }: SystemdFacts) {
  return [
    ...resourceProperties(resources, { isUnified, ...(version !== undefined && { version }) }),
    ...(isUnified ? oomPolicyProperties(resources, version) : []),
    ...(user ? [] : deviceProperties(resources.devices, isUnified)),
  ];
}

/** A user's manager has v2 alone, with the controllers that were delegated to it, and can write below its own cgroup. */
function scopeFacts(facts: CgroupFacts, { user, controllers }: SystemdFacts): CgroupFacts {
  if (!user || facts.v2 === undefined) return facts;
  return { v1: [], v2: { ...facts.v2, controllers, writable: true } };
}
