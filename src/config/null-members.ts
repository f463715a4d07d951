import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import type { Problem } from "../base/problem.ts";

/** A value without the members of its objects that are null, and where those were. */
export interface WithoutNulls {
  readonly value: unknown;
  readonly pointers: readonly JsonPointer[];
}

/**
 * Takes out members that are null. No property of a config may be so, but programs in Go write what is absent like this,
 * and other runtimes read it like this.
 */
export function withoutNullMembers(value: unknown, pointer: JsonPointer = ""): WithoutNulls {
  if (typeof value !== "object" || value === null) return { value, pointers: [] };
  const pointers: JsonPointer[] = [];
  const inner = (member: unknown, name: string | number): unknown => {
    const found = withoutNullMembers(member, pointerTo(pointer, name));
    pointers.push(...found.pointers);
    return found.value;
  };
  if (Array.isArray(value)) return { value: value.map(inner), pointers };
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member === null) pointers.push(pointerTo(pointer, name));
    else kept.push([name, inner(member, name)]);
  }
  return { value: Object.fromEntries(kept), pointers };
}

/** Says what parseConfig has taken out of a text that it could parse. */
export function nullMemberWarnings(text: string): readonly Problem[] {
  if (!text.includes("null")) return [];
  return withoutNullMembers(JSON.parse(text)).pointers.map((pointer) => ({
    code: "NULL_MEMBER",
    severity: "warning",
    pointer,
    value: "null",
    message: "is no value: the property is taken for absent",
    fix: "leave it out",
    spec: "config.md#valid-values",
  }));
}
