import type { JsonPointer } from "../../base/json-pointer.ts";
import type { Problem } from "../../base/problem.ts";
import { shownValue } from "../../base/problem.ts";
import type { Resources } from "../../config/types.gen.ts";
import type { Controller } from "../controllers.ts";
import type { Integer } from "../decimal.ts";
import { decimal } from "../decimal.ts";
import { resource } from "../target.ts";

/**
 * Settings that only v1 has, of a controller that is on v2 or was left behind by it: they must be refused, and each
 * comes with what v2 has instead. Values that ask for nothing are no settings. Source: config-linux.md#unified.
 */
export function v1OnlyProblems(resources: Resources, controller: Controller): readonly Problem[] {
  return (V1_ONLY[controller.v1]?.(resources) ?? []).map(([pointer, value, fix]) => ({
    code: "CGROUP_V1_ONLY",
    severity: "error",
    pointer,
    value: typeof value === "bigint" ? decimal(value) : shownValue(value),
    message: "is a setting of cgroup v1, and this host's controller is on cgroup v2, which has none like it",
    fix,
    spec: "config-linux.md#unified",
  }));
}

type Finding = readonly [pointer: JsonPointer, value: unknown, fix: string];

const LIMIT_ALL = "leave it out: memory.limit counts the kernel's memory too";
const RATE_LIMIT = "leave it out, and shape or filter by cgroup path (tc, nftables)";

const V1_ONLY: Readonly<Record<string, (resources: Resources) => readonly Finding[]>> = {
  memory: ({ memory = {} }) => [
    ...found(memory.kernel, resource("memory", "kernel"), LIMIT_ALL),
    ...found(memory.kernelTCP, resource("memory", "kernelTCP"), LIMIT_ALL),
    ...finding(memory.swappiness, resource("memory", "swappiness"), "leave it out, and limit swap with memory.swap"),
    ...found(
      memory.disableOOMKiller,
      resource("memory", "disableOOMKiller"),
      'leave it out, and set unified "memory.high"',
    ),
    ...(memory.useHierarchy === false
      ? finding(false, resource("memory", "useHierarchy"), "leave it out: cgroup v2 is always hierarchical")
      : []),
  ],
  cpu: ({ cpu = {} }) => [
    ...found(cpu.realtimeRuntime, resource("cpu", "realtimeRuntime"), "leave it out, and limit with cpu.quota"),
    ...found(cpu.realtimePeriod, resource("cpu", "realtimePeriod"), "leave it out, and limit with cpu.quota"),
  ],
  blkio: ({ blockIO = {} }) => [
    ...found(blockIO.leafWeight, resource("blockIO", "leafWeight"), "leave it out, and set blockIO.weight"),
    ...(blockIO.weightDevice ?? []).flatMap(({ leafWeight }, index) =>
      found(leafWeight, resource("blockIO", "weightDevice", index, "leafWeight"), "leave it out, and set weight"),
    ),
  ],
  net_cls: ({ network = {} }) => finding(network.classID, resource("network", "classID"), RATE_LIMIT),
  net_prio: ({ network = {} }) =>
    network.priorities?.length ? finding(network.priorities, resource("network", "priorities"), RATE_LIMIT) : [],
};

/** A finding unless the value is absent. */
function finding(value: unknown, pointer: JsonPointer, fix: string): readonly Finding[] {
  return value === undefined ? [] : [[pointer, value, fix]];
}

/** A finding unless the value is absent, 0 or false. */
function found(value: Integer | boolean | undefined, pointer: JsonPointer, fix: string): readonly Finding[] {
  return value ? [[pointer, value, fix]] : [];
}
