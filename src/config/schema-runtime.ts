import type { JsonPointer } from "../base/json-pointer.ts";

/** One thing that the schema does not allow. */
export type SchemaError = { readonly path: JsonPointer } & (
  | { readonly keyword: "type"; readonly params: { readonly type: "array" | "boolean" | "object" | "string" } }
  | { readonly keyword: "required"; readonly params: { readonly missingProperty: string } }
  | { readonly keyword: "integer"; readonly params: { readonly range: IntegerRange } }
  | { readonly keyword: "choice"; readonly params: { readonly allowed: readonly string[] } }
  | { readonly keyword: "pattern"; readonly params: { readonly pattern: string } }
  | { readonly keyword: "minItems"; readonly params: { readonly limit: number } }
);

/** The least and the greatest value, both allowed. */
export type IntegerRange = readonly [number, number];

/** A validator that ajv compiled: false leaves its findings in `errors`. */
export interface SchemaValidator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** Called by the compiled validators: adds a finding. */
export function report(errors: SchemaError[] | null, error: SchemaError): SchemaError[] {
  if (errors === null) return [error];
  errors.push(error);
  return errors;
}

/**
 * Called by the compiled validators: whether a value is an integer within the range. Where a bound is one of 64 bits, a
 * double cannot hold it and the number next to it stands for it; a bigint, which is exact, has to stay below that.
 */
export function isIntegerIn(value: unknown, [min, max]: IntegerRange): boolean {
  if (typeof value === "number") return Number.isInteger(value) && value >= min && value <= max;
  return typeof value === "bigint" && value >= min && (Number.isSafeInteger(max) ? value <= max : value < max);
}
