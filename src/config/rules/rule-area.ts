import type { JsonPointer } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { Config } from "../types.gen.ts";

/** The rules of one part of the spec that no schema can say. */
export interface RuleArea {
  /** What the rules look at. Where the schema refuses something there, they are not asked. */
  readonly reads: readonly JsonPointer[];
  readonly check: (config: Config, found: Findings) => void;
}
