import { assertNever } from "../../base/assert.ts";
import type { CgroupPlan, CgroupWrite } from "../../cgroup/cgroup-plan.ts";
import { tightLimits } from "../../cgroup/tight-memory.ts";
import type { PlanDraft } from "../draft.ts";

/** Directories, settings, and the files that the init writes itself into; returns the slots of the latter. */
export function addCgroups(draft: PlanDraft, cgroup: CgroupPlan): readonly number[] {
  for (const { path, isOwn, from } of cgroup.directories) {
    const undo = JSON.stringify({ undo: isOwn ? "cgroup.rmdir" : "cgroup.release", path });
    draft.add("parent", from, { op: "cgroup.mkdir", path, own: isOwn ? 1 : 0, undo });
  }
  // With systemd there is nothing to write to yet: see scope.ts.
  if (cgroup.scope === undefined) for (const write of cgroup.writes) addCgroupWrite(draft, write);
  return openJoins(draft, cgroup);
}

/** The files that the init writes itself into; returns their slots. */
export function openJoins(draft: PlanDraft, { joins }: Pick<CgroupPlan, "joins">): readonly number[] {
  return joins.map(({ path, from }) => {
    const slot = draft.newSlot();
    draft.add("parent", from, { op: "cgroup.open", slot, path });
    return slot;
  });
}

/** One setting. */
export function addCgroupWrite(draft: PlanDraft, write: CgroupWrite): void {
  const { path, from } = write;
  switch (write.kind) {
    case "write":
      draft.add("parent", from, {
        op: "cgroup.write",
        path,
        value: write.value,
        when: write.when,
        orElse: write.orElse ?? "",
        orElseValue: write.orElseValue ?? write.value,
        missing: write.missing ?? "",
      });
      return;
    case "inherit":
      draft.add("parent", from, { op: "cgroup.inherit", path, parent: write.parent, file: write.file });
      return;
    case "usageCheck":
      draft.add("parent", from, { op: "cgroup.usage_check", path, limit: BigInt(write.limitBytes), of: write.of });
      return;
    case "deviceProgram":
      draft.add("parent", from, { op: "cgroup.device_program", path, program: write.program });
      return;
    case "unitProperties":
      draft.add("parent", from, { op: "scope.set", unit: path, argv: write.command });
      return;
    default:
      assertNever(write);
  }
}

/** Limits that were lower while the container was prepared; its init waits until they are what the config says. */
export function addCgroupRaises(draft: PlanDraft, cgroup: CgroupPlan): void {
  for (const { path, value, from } of tightLimits(cgroup)) {
    draft.add("parent", from, { op: "cgroup.raise", path, value });
  }
}

/** A process joins by itself, before it does anything that a limit should hold for. */
export function addCgroupJoins(
  draft: PlanDraft,
  { joins }: Pick<CgroupPlan, "joins">,
  slots: readonly number[],
  at: "intermediate" | "init",
): void {
  joins.forEach(({ path, from }, index) => {
    draft.add(at, from, { op: "cgroup.join", slot: slots[index] ?? 0, path });
  });
}

/**
 * After the container's end: what `delete` does with the journal, planned ahead. Directories above the container's own
 * may hold other containers' by then.
 */
export function addCgroupRemoval(draft: PlanDraft, cgroup: CgroupPlan): void {
  for (const { path, isOwn, from } of cgroup.directories.toReversed()) {
    draft.add("parent", from, { op: isOwn ? "cgroup.rmdir" : "cgroup.release", path });
  }
}
