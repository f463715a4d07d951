import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import type { Shape } from "./config-shape.ts";
import type { Findings } from "./findings.ts";
import { nearestName } from "./nearest-name.ts";

/**
 * Warns about every member that the spec does not know, once each and not about what is inside it. Such members are
 * legal, and mostly misspelt. Source: config.md#extensibility.
 */
export function findUnknownProperties(value: unknown, shape: Shape, found: Findings, pointer: JsonPointer = ""): void {
  if (typeof value !== "object" || value === null) return;
  const { properties, items, values } = shape;
  if (properties !== undefined) {
    for (const [name, member] of Object.entries(value)) {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (known === undefined) found.warning(unknown(pointer, name, member, Object.keys(properties)));
      else findUnknownProperties(member, known, found, pointerTo(pointer, name));
    }
  }
  const inner = Array.isArray(value) ? items : values;
  if (inner === undefined) return;
  for (const [name, member] of Object.entries(value)) {
    findUnknownProperties(member, inner, found, pointerTo(pointer, name));
  }
}

function unknown(pointer: JsonPointer, name: string, value: unknown, known: readonly string[]) {
  const near = nearestName(name, known);
  return {
    code: "UNKNOWN_PROPERTY",
    pointer: pointerTo(pointer, name),
    value,
    message: `is ignored: the spec has no "${name}" here${near === undefined ? "" : `; did you mean "${near}"?`}`,
    fix: near && `write "${near}" for "${name}"`,
    spec: "config.md#extensibility",
  } as const;
}
