import type { JsonPointer } from "../base/json-pointer.ts";
import { ConfigError, type Problem } from "../base/problem.ts";
import { CONFIG_SHAPE } from "./config-shape.gen.ts";
import { Findings } from "./findings.ts";
import type { RuleArea } from "./rules/rule-area.ts";
import { RULE_AREAS } from "./rules/rule-areas.ts";
import { placeOf, schemaFinding } from "./schema-findings.ts";
import type { SchemaError, SchemaValidator } from "./schema-runtime.ts";
import type { Config } from "./types.gen.ts";
import { findUnknownProperties } from "./unknown-properties.ts";
import { validate } from "./validate-schema.gen.ts";
import { valueAt } from "./value-at.ts";

/** A config that the schema and every rule of the spec allow, and what should be told about it all the same. */
export interface ValidatedConfig {
  readonly config: Config;
  readonly warnings: readonly Problem[];
}

/**
 * Checks a parsed config against the schema and the rules that no schema can say. Throws ConfigError with all problems,
 * errors first. Source: config.md#valid-values, config.md#extensibility.
 */
export function validateConfig(value: unknown): ValidatedConfig {
  return acceptConfig(value, checkConfig(value));
}

/** The same of a config that has been checked. */
export function acceptConfig(
  value: unknown,
  { errors, warnings }: { readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] },
): ValidatedConfig {
  if (errors.length > 0) {
    const count = errors.length === 1 ? "a rule" : `${errors.length} rules`;
    throw new ConfigError(`Cannot use the config: it breaks ${count} of the runtime-spec`, [...errors, ...warnings]);
  }
  // Without errors the schema has accepted the value, and Config is generated from the same schema.
  return { config: value as Config, warnings };
}

/** All that is to be said about a parsed config, without throwing. */
export function checkConfig(value: unknown): Findings {
  const found = new Findings();
  const refused = schemaErrors(value);
  for (const error of refused) found.error(schemaFinding(error, value));
  findUnknownProperties(value, CONFIG_SHAPE, found);
  for (const area of RULE_AREAS) {
    // What the rules look at is as the schema says, or they are not asked.
    if (isAnyPresent(area, value) && isReadable(area, refused)) area.check(value as Config, found);
  }
  return found;
}

function schemaErrors(value: unknown): readonly SchemaError[] {
  const validator: SchemaValidator = validate;
  return validator(value) ? [] : (validator.errors ?? []);
}

function isAnyPresent({ about }: RuleArea, config: unknown): boolean {
  if (about === undefined) return true;
  for (const pointer of about) if (valueAt(config, pointer) !== undefined) return true;
  return false;
}

function isReadable({ about = [], also = [] }: RuleArea, refused: readonly SchemaError[]): boolean {
  if (refused.length === 0) return true;
  const places = refused.map(placeOf);
  const touches = (place: JsonPointer): boolean =>
    places.some((pointer) => isInside(place, pointer) || isInside(pointer, place));
  return !about.some(touches) && !also.some(touches);
}

function isInside(outer: JsonPointer, inner: JsonPointer): boolean {
  return outer === inner || outer === "" || inner.startsWith(`${outer}/`);
}
