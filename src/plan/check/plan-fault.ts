import { RuntimeError } from "../../base/errors.ts";
import { showOp } from "../describe.ts";
import type { Step } from "../step.ts";

/** A plan that this program has built against its own rules: names the step, as a printed plan does, and the rule. */
export function planFault(steps: readonly Step[], index: number, what: string): RuntimeError {
  return new RuntimeError("ERR_INTERNAL", `Cannot carry out the plan: ${shownStep(steps, index)} ${what}`);
}

/** A step in a sentence: `step 12 (init mount.fs "proc → /proc")`. */
export function shownStep(steps: readonly Step[], index: number): string {
  const step = steps[index];
  if (step === undefined) return `step ${index + 1}`;
  const shown = showOp(step.op);
  return `step ${index + 1} (${step.at} ${step.op.op}${shown === "" ? "" : ` "${shown}"`})`;
}
