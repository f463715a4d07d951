import type { JsonPointer } from "../../base/json-pointer.ts";
import { shownValue } from "../../base/problem.ts";
import type { PlanDraft } from "../draft.ts";
import type { PlanInput } from "../plan-input.ts";

/** Refuses by name what this program does not do yet: nothing that a config asks for is skipped in silence. */
export function refuseUnsupported(draft: PlanDraft, { config }: PlanInput): void {
  const linux = config.linux ?? {};
  refuse(draft, "/linux/intelRdt", linux.intelRdt);
}

function refuse(draft: PlanDraft, pointer: JsonPointer, value: unknown): void {
  if (value === undefined) return;
  draft.problems.push({
    code: "NOT_SUPPORTED",
    severity: "error",
    pointer,
    value: shownValue(value),
    message: "is not supported by this version of the runtime",
  });
}
