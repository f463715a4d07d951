import { type JsonPointer, pointerTokens } from "../base/json-pointer.ts";

/** What a pointer points to, or undefined where nothing is. Source: RFC 6901, section 4. */
export function valueAt(top: unknown, pointer: JsonPointer): unknown {
  let value = top;
  for (const token of pointerTokens(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, token)) return undefined;
    // An object has members by name, an array elements by index: both are properties.
    value = (value as Readonly<Record<string, unknown>>)[token];
  }
  return value;
}
