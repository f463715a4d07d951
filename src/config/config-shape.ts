import type { SpecRef } from "../base/spec-ref.ts";

/**
 * What the schema knows about a place in a config beside its values: the section of the spec, and the names that may
 * stand there. `spec` is absent where the section is the one of the place around it.
 */
export type Shape = {
  readonly spec?: SpecRef;
  /** The members of an object with known names. */
  readonly properties?: Readonly<Record<string, Shape>>;
  /** Every element of an array. */
  readonly items?: Shape;
  /** Every member of an object with free names. */
  readonly values?: Shape;
};
