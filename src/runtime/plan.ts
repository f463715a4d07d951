import type { Plan } from "../plan/step.ts";
import type { PlanOptions, RuntimeContext } from "./options.ts";
import { prepare } from "./prepare.ts";

/** The plan that `create` or `run` would carry out, and nothing else done. Throws what createContainer throws for it. */
export async function planBundle(context: RuntimeContext, { verb, ...options }: PlanOptions): Promise<Plan> {
  return (await prepare({ ...context, checksPlans: true }, options, verb)).built.plan;
}
