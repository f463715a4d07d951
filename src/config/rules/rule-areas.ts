import { capabilityRules } from "./capabilities.ts";
import { ociVersionRules } from "./oci-version.ts";
import { processRules } from "./process.ts";
import { rlimitRules } from "./rlimits.ts";
import { rootRules } from "./root.ts";
import type { RuleArea } from "./rule-area.ts";
import { userRules } from "./user.ts";

/** Every rule, in the order in which problems are reported. */
export const RULE_AREAS: readonly RuleArea[] = [
  ociVersionRules,
  rootRules,
  processRules,
  userRules,
  rlimitRules,
  capabilityRules,
];
