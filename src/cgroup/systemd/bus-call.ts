import type { SystemdFacts } from "./scope.ts";
import type { ScopeName } from "./scope-name.ts";
import { booleanProperty, PAIRS, textProperty, type UnitProperty } from "./unit-property.ts";

/** Stands in a command line for the pid of the container's first process, which native/ops_scope.c puts in. */
export const PID_PLACEHOLDER = "{pid}";

const MANAGER = ["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"] as const;

/**
 * The command line that starts a scope with the container's first process in it. It delegates: what is below the scope's
 * cgroup is left alone. A scope that ends in a failure, such as for want of memory, is not kept. Source:
 * org.freedesktop.systemd1(5), StartTransientUnit; busctl(1).
 */
export function startScopeCommand(
  facts: SystemdFacts,
  { unit, slice }: ScopeName,
  id: string,
  properties: readonly UnitProperty[],
): readonly string[] {
  const all = uniqueProperties([
    textProperty("Description", `container ${id}`),
    textProperty("Slice", slice),
    textProperty("CollectMode", "inactive-or-failed"),
    booleanProperty("DefaultDependencies", false),
    booleanProperty("Delegate", true),
    ...["CPU", "IO", "Memory", "Tasks"].map((name) => booleanProperty(`${name}Accounting`, true)),
    ...properties,
    { name: "PIDs", signature: "au", words: ["1", PID_PLACEHOLDER] },
  ]);
  return [...call(facts), "StartTransientUnit", "ssa(sv)a(sa(sv))", unit, "fail", ...listed(all), "0"];
}

/** The command line that changes properties of a scope until it ends. Source: as above, SetUnitProperties. */
export function setPropertiesCommand(
  facts: SystemdFacts,
  unit: string,
  properties: readonly UnitProperty[],
): readonly string[] {
  return [...call(facts), "SetUnitProperties", "sba(sv)", unit, "true", ...listed(uniqueProperties(properties))];
}

/**
 * The command line that has the manager move a process to a unit's cgroup, or with `below`, "/name", to one below it.
 * Source: as above, AttachProcessesToUnit.
 */
export function attachCommand(manager: Manager, unit: string, below: string): readonly string[] {
  return [...call(manager), "AttachProcessesToUnit", "ssau", unit, below, "1", PID_PLACEHOLDER];
}

/** The command line that stops a scope, and waits until it is gone. Source: systemctl(1). */
export function stopScopeCommand({ systemctl, user }: SystemdFacts, unit: string): readonly string[] {
  return [systemctl, managerFlag(user), "--quiet", "stop", unit];
}

type Manager = Pick<SystemdFacts, "busctl" | "user">;

function call({ busctl, user }: Manager): readonly string[] {
  return [busctl, managerFlag(user), "--quiet", "call", ...MANAGER];
}

function managerFlag(user: boolean): string {
  return user ? "--user" : "--system";
}

/** The last one of a name counts, as for files; a list of pairs adds to what there is. */
function uniqueProperties(properties: readonly UnitProperty[]): readonly UnitProperty[] {
  const keyed = properties.map(
    (property, index) => [property.signature === PAIRS ? index : property.name, property] as const,
  );
  return [...new Map(keyed).values()];
}

function listed(properties: readonly UnitProperty[]): readonly string[] {
  return [
    String(properties.length),
    ...properties.flatMap(({ name, signature, words }) => [name, signature, ...words]),
  ];
}
