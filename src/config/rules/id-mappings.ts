import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { Config, IdMapping } from "../types.gen.ts";
import { addNamespace, namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#user-namespace-mappings, user_namespaces(7). */
export const idMappingRules: RuleArea = {
  about: ["/linux/uidMappings", "/linux/gidMappings", "/linux/namespaces", "/mounts"],
  check(config, found) {
    checkUserNamespace(config, found);
    checkMappings("/linux/uidMappings", config.linux?.uidMappings, found);
    checkMappings("/linux/gidMappings", config.linux?.gidMappings, found);
    for (const [index, { uidMappings, gidMappings }] of (config.mounts ?? []).entries()) {
      checkMappings(pointerTo("/mounts", index, "uidMappings"), uidMappings, found);
      checkMappings(pointerTo("/mounts", index, "gidMappings"), gidMappings, found);
    }
  },
};

const SPEC = "config-linux.md#user-namespace-mappings";

function checkUserNamespace(config: Config, found: Findings): void {
  const namespace = namespaceOf(config, "user");
  for (const list of ["uidMappings", "gidMappings"] as const) {
    const mappings = config.linux?.[list] ?? [];
    const place = { pointer: pointerTo("/linux", list), spec: SPEC } as const;
    if (mappings.length > 0 && namespace === undefined) {
      const message = "needs a user namespace of the container's own";
      found.error({ ...place, code: "ID_MAPPINGS_NAMESPACE", value: mappings, message, fix: addNamespace("user") });
    }
    if (mappings.length === 0 && namespace !== undefined && !namespace.path) {
      const message = "is required: a new user namespace has no ids until they are mapped";
      const fix = `add "${list}": [{"containerID": 0, "hostID": 100000, "size": 65536}]`;
      found.error({ ...place, code: "ID_MAPPINGS_MISSING", message, fix });
    }
  }
}

/** The kernel's limits. Source: user_namespaces(7), "defining user and group ID mappings". */
const MAX_LINES = 340;
const MAX_ID = 0xffff_ffff;

function checkMappings(pointer: JsonPointer, mappings: readonly IdMapping[] | undefined, found: Findings): void {
  if (mappings === undefined) return;
  if (mappings.length > MAX_LINES) {
    const message = `has ${mappings.length} entries: the kernel takes at most ${MAX_LINES}`;
    found.error({ code: "ID_MAPPINGS_LENGTH", pointer, message, spec: SPEC });
  }
  for (const [index, mapping] of mappings.entries()) checkRange(pointerTo(pointer, index), mapping, found);
  checkOverlap(pointer, mappings, "containerID", found);
  checkOverlap(pointer, mappings, "hostID", found);
}

function checkRange(pointer: JsonPointer, mapping: IdMapping, found: Findings): void {
  const { containerID, hostID, size } = mapping;
  if (size === 0) {
    found.error({ code: "ID_MAPPING_EMPTY", pointer, value: mapping, message: "must map at least one id", spec: SPEC });
  } else if (Math.max(containerID, hostID) + size > MAX_ID) {
    const message = `must end below ${MAX_ID}, which is no id`;
    found.error({ code: "ID_MAPPING_RANGE", pointer, value: mapping, message, spec: SPEC });
  }
}

function checkOverlap(
  pointer: JsonPointer,
  mappings: readonly IdMapping[],
  side: "containerID" | "hostID",
  found: Findings,
): void {
  if (mappings.length < 2) return;
  const sorted = [...mappings.entries()].sort(([, one], [, other]) => one[side] - other[side]);
  for (const [place, [index, mapping]] of sorted.entries()) {
    const next = sorted[place + 1];
    if (next === undefined || mapping[side] + mapping.size <= next[1][side]) continue;
    const [later, earlier] = index > next[0] ? [index, next[0]] : [next[0], index];
    const message = `overlaps ${pointer}/${earlier} in its ${side}s`;
    const value = mappings[later];
    found.error({ code: "ID_MAPPING_OVERLAP", pointer: pointerTo(pointer, later), value, message, spec: SPEC });
  }
}
