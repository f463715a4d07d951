import type { Resources } from "../../config/types.gen.ts";
import type { UnitProperties } from "../cgroup-plan.ts";
import type { CurrentValues } from "../target.ts";
import { setPropertiesCommand } from "./bus-call.ts";
import { changedDeviceProperties } from "./device-properties.ts";
import { resourceProperties } from "./resource-properties.ts";
import type { SystemdFacts } from "./scope.ts";

/** What tells systemd new values for a container that exists; undefined where it has a property for none of them. */
export function unitProperties(
  unit: string,
  resources: Resources,
  systemd: SystemdFacts,
  isUnified: boolean,
  current: CurrentValues,
): UnitProperties | undefined {
  const { user, version } = systemd;
  const properties = [
    ...resourceProperties(resources, { isUnified, current, ...(version !== undefined && { version }) }),
    ...(resources.devices === undefined || user ? [] : changedDeviceProperties(resources.devices, isUnified)),
  ];
  if (properties.length === 0) return undefined;
  const from = { implied: "config-linux.md#control-groups" } as const;
  return { kind: "unitProperties", path: unit, command: setPropertiesCommand(systemd, unit, properties), from };
}
