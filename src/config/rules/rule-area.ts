import type { JsonPointer } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { Config } from "../types.gen.ts";

/** The rules of one part of the spec that no schema can say. */
export interface RuleArea {
  /** Where the config has none of these, the rules have nothing to say and are not asked. Absent: always asked. */
  readonly about?: readonly JsonPointer[];
  /** What else the rules look at. Where the schema refuses something there or in `about`, they are not asked. */
  readonly also?: readonly JsonPointer[];
  readonly check: (config: Config, found: Findings) => void;
}
