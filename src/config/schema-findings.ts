import { type JsonPointer, pointerTo, pointerTokens } from "../base/json-pointer.ts";
import type { SpecRef } from "../base/spec-ref.ts";
import { CONFIG_SHAPE } from "./config-shape.gen.ts";
import type { Shape } from "./config-shape.ts";
import type { Finding } from "./findings.ts";
import { nearestName } from "./nearest-name.ts";
import type { IntegerRange, SchemaError } from "./schema-runtime.ts";
import { valueAt } from "./value-at.ts";

/** The place that a finding of the schema is about, which may be missing. */
export function placeOf(error: SchemaError): JsonPointer {
  return error.keyword === "required" ? pointerTo(error.path, error.params.missingProperty) : error.path;
}

/** Puts a finding of the schema into words; `top` is the whole config. */
export function schemaFinding(error: SchemaError, top: unknown): Finding {
  const pointer = placeOf(error);
  const value = valueAt(top, pointer);
  return { ...wording(error, value), pointer, value, spec: specOf(pointer) };
}

function wording(error: SchemaError, value: unknown): Pick<Finding, "code" | "message" | "fix"> {
  switch (error.keyword) {
    case "required":
      return { code: "SCHEMA_REQUIRED", message: "is required" };
    case "type":
      return {
        code: "SCHEMA_TYPE",
        message: `must be ${TYPES[error.params.type]}`,
        fix: fixOfType(error.params.type, value),
      };
    case "integer":
      return { code: "SCHEMA_INTEGER", message: `must be ${rangeText(error.params.range)}` };
    case "choice":
      return {
        code: "SCHEMA_CHOICE",
        message: choiceText(error.params.allowed),
        fix: fixOfChoice(error.params.allowed, value),
      };
    case "pattern":
      return {
        code: "SCHEMA_PATTERN",
        message: `must be ${PATTERNS[error.params.pattern] ?? `like ${error.params.pattern}`}`,
      };
    case "minItems":
      return { code: "SCHEMA_EMPTY", message: "must have at least one entry" };
  }
}

const TYPES = { array: "an array", boolean: "true or false", object: "an object", string: "a string" } as const;

/** What the patterns of the schema ask for; a test looks that none is missing. */
export const PATTERNS: Readonly<Record<string, string>> = {
  "^RLIMIT_[A-Z]+$": "the name of a resource limit, such as RLIMIT_NOFILE",
  "^[0-9, -]*$": 'a list of CPUs, such as "0-3,7"',
  "^MB:[^\\n]*$": 'one line that begins with "MB:"',
  "^[cbup]$": "c (character device), b (block device), u (as c) or p (named pipe)",
  "^[1-9][0-9]*[KMG]B$": 'a page size as the kernel spells it, such as "64KB", "2MB" or "1GB"',
};

/** The most common slip: one text, true or number where a list or a text is wanted. */
function fixOfType(type: keyof typeof TYPES, value: unknown): string | undefined {
  if (type === "array" && typeof value === "string") return `write [${JSON.stringify(value)}]`;
  if (type === "string" && typeof value === "number") return `write "${value}"`;
  if (type === "boolean" && (value === "true" || value === "false")) return `write ${value} without quotes`;
  return value === null ? "leave it out" : undefined;
}

function choiceText(allowed: readonly string[]): string {
  return `must be ${allowed.length === 1 ? "" : "one of "}${allowed.map((name) => `"${name}"`).join(", ")}`;
}

function fixOfChoice(allowed: readonly string[], value: unknown): string | undefined {
  const near = typeof value === "string" ? nearestName(value, allowed) : undefined;
  return near && `write "${near}"`;
}

/** The bounds of 64-bit integers as they are, and not as a double has them. */
const EXACT: Readonly<Record<number, string>> = {
  [2 ** 64]: "18446744073709551615",
  [2 ** 63]: "9223372036854775807",
  [-(2 ** 63)]: "-9223372036854775808",
};

function rangeText([min, max]: IntegerRange): string {
  if (min === Number.MIN_SAFE_INTEGER) return "an integer";
  if (max === Number.MAX_SAFE_INTEGER) return `an integer of at least ${min}`;
  return `an integer from ${EXACT[min] ?? min} to ${EXACT[max] ?? max}`;
}

/** The section of the spec that describes a place: the one that its schema names, or that of the place around it. */
function specOf(pointer: JsonPointer): SpecRef {
  let shape: Shape | undefined = CONFIG_SHAPE;
  let spec: SpecRef = "config.md";
  for (const token of pointerTokens(pointer)) {
    shape = shape.properties?.[token] ?? shape.items ?? shape.values;
    if (shape === undefined) break;
    spec = shape.spec ?? spec;
  }
  return spec;
}
