import type { CgroupWrite } from "../cgroup/cgroup-plan.ts";
import { PlanDraft } from "./draft.ts";
import { addCgroupWrite } from "./parts/cgroups.ts";
import type { Plan } from "./step.ts";

/** The plan that writes new settings to a container's cgroups: a step for each write, in the same order. */
export function buildUpdatePlan(id: string, writes: readonly CgroupWrite[]): Plan {
  const draft = new PlanDraft();
  for (const write of writes) addCgroupWrite(draft, write);
  return { verb: "update", id, steps: draft.steps };
}
