import type { CgroupPlan } from "../../cgroup/cgroup-plan.ts";
import type { PlanDraft } from "../draft.ts";
import { addBarrier } from "../handshake.ts";
import { addCgroupWrite } from "./cgroups.ts";

/**
 * With systemd the first process waits until it has been moved to the scope, and the scope's settings are written: its
 * cgroup is not there before. `addMore` adds what else is done to that.
 */
export function addScope(
  draft: PlanDraft,
  { scope, writes }: CgroupPlan,
  at: "intermediate" | "init",
  addMore = (): void => {},
): void {
  if (scope === undefined) return;
  const { unit, user, directory, start, from } = scope;
  const undo = JSON.stringify({ undo: "scope.stop", path: directory, unit, user });
  draft.add("parent", from, { op: "scope.start", unit, argv: start, directory, undo });
  for (const write of writes) addCgroupWrite(draft, write);
  addMore();
  addBarrier(draft, "cgroup", at, from);
}

/** After the container's end: what `delete` does with the journal, planned ahead. */
export function addScopeRemoval(draft: PlanDraft, { scope }: CgroupPlan): void {
  if (scope === undefined) return;
  draft.add("parent", scope.from, { op: "scope.stop", unit: scope.unit, argv: scope.stop });
}
