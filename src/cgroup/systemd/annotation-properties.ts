import { pointerTo } from "../../base/json-pointer.ts";
import type { Problem } from "../../base/problem.ts";
import type { UnitProperty } from "./unit-property.ts";

export const SYSTEMD_PROPERTY_PREFIX = "org.systemd.property.";

/** Properties that annotations add to a scope, and annotations that are none. */
export interface AnnotationProperties {
  readonly properties: readonly UnitProperty[];
  readonly problems: readonly Problem[];
}

/**
 * Reads annotations such as "org.systemd.property.TimeoutStopUSec": "uint64 123456789", whose values are texts of
 * GVariant; names that end in "Sec" are in seconds there. Source: the convention of runc's docs/systemd.md, GVariant Text
 * Format.
 */
export function annotationProperties(annotations: Readonly<Record<string, string>> = {}): AnnotationProperties {
  const properties: UnitProperty[] = [];
  const problems: Problem[] = [];
  for (const [key, text] of Object.entries(annotations)) {
    if (!key.startsWith(SYSTEMD_PROPERTY_PREFIX)) continue;
    const property = propertyOf(key.slice(SYSTEMD_PROPERTY_PREFIX.length), text.trim());
    if (property === undefined) problems.push(problem(key, text));
    else properties.push(property);
  }
  return { properties, problems };
}

function problem(key: string, text: string): Problem {
  return {
    code: "SYSTEMD_PROPERTY",
    severity: "error",
    pointer: pointerTo("/annotations", key),
    value: JSON.stringify(text),
    message: 'must name a property of systemd\'s, with a value such as "true", "\'text\'", "uint64 10" or "[\'a\']"',
    fix: "leave it out, or see GVariant's text format",
  };
}

function propertyOf(name: string, text: string): UnitProperty | undefined {
  if (!/^[A-Z][A-Za-z]{2,}$/.test(name)) return undefined;
  const value = parseValue(text);
  if (value === undefined || !/[a-z]Sec$/.test(name) || name.endsWith("USec")) return value && { name, ...value };
  const seconds = Number(value.words[0]);
  if (!Number.isFinite(seconds)) return undefined;
  return { name: name.replace(/Sec$/, "USec"), signature: "t", words: [String(Math.round(seconds * 1e6))] };
}

type Value = Pick<UnitProperty, "signature" | "words">;

const NUMBER_TYPES: Readonly<Record<string, string>> = {
  byte: "y",
  int16: "n",
  uint16: "q",
  int32: "i",
  uint32: "u",
  int64: "x",
  uint64: "t",
  double: "d",
};

function parseValue(text: string): Value | undefined {
  if (text === "true" || text === "false") return { signature: "b", words: [text] };
  const string = stringOf(text);
  if (string !== undefined) return { signature: "s", words: [string] };
  const [, type, number] = /^(?:([a-z]+[0-9]*) )?(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (number !== undefined) {
    const signature = type === undefined ? (number.includes(".") ? "d" : "i") : NUMBER_TYPES[type];
    return signature === undefined ? undefined : { signature, words: [number] };
  }
  const [, items] = /^\[(.*)\]$/.exec(text) ?? [];
  const strings = items?.split(",").map((item) => stringOf(item.trim()));
  if (strings === undefined || !strings.every((item) => item !== undefined)) return undefined;
  return { signature: "as", words: [String(strings.length), ...strings] };
}

/** A text in single or double quotes, without escapes in it. */
function stringOf(text: string): string | undefined {
  return /^(['"])([^'"\\]*)\1$/.exec(text)?.[2];
}
