import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import { LEAF } from "./config-shape.gen.ts";
import type { Shape } from "./config-shape.ts";
import type { Findings } from "./findings.ts";
import { nearestName } from "./nearest-name.ts";

/**
 * Warns about every member that the spec does not know, once each and not about what is inside it. Such members are
 * legal, and mostly misspelt. Source: config.md#extensibility.
 */
export function findUnknownProperties(config: unknown, shape: Shape, found: Findings): void {
  // Nearly all configs have none, and need neither pointers nor names.
  if (!isKnown(config, shape)) report("", config, shape, found);
}

/** Written for the interpreter: this runs once in a process, over every member of the config. */
function isKnown(value: unknown, { properties, items, values }: Shape): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) {
    if (items !== undefined) for (const element of value) if (!isKnown(element, items)) return false;
    return true;
  }
  if (properties === undefined && values === undefined) return true;
  for (const name in value) {
    // What is not a shape is a method that every object inherits.
    const own = properties?.[name];
    const member = typeof own === "object" ? own : values;
    if (member === undefined) return false;
    // The members of an object are properties with their names.
    if (member !== LEAF && !isKnown((value as Readonly<Record<string, unknown>>)[name], member)) return false;
  }
  return true;
}

function report(pointer: JsonPointer, value: unknown, shape: Shape, found: Findings): void {
  if (typeof value !== "object" || value === null) return;
  const { properties, inner } = partsOf(value, shape);
  if (properties === undefined && inner === undefined) return;
  for (const [name, member] of Object.entries(value)) {
    const known = memberShape(properties, name) ?? inner;
    if (known === undefined) found.warning(unknown(pointer, name, member, Object.keys(properties ?? {})));
    else report(pointerTo(pointer, name), member, known, found);
  }
}

function partsOf(
  value: object,
  { properties, items, values }: Shape,
): {
  readonly properties?: Shape["properties"];
  readonly inner?: Shape | undefined;
} {
  return Array.isArray(value) ? { inner: items } : { properties, inner: values };
}

function memberShape(properties: Shape["properties"], name: string): Shape | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
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
