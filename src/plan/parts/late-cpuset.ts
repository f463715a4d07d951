import type { CgroupPlan } from "../../cgroup/cgroup-plan.ts";
import type { PlanDraft } from "../draft.ts";
import type { PlanInput } from "../plan-input.ts";
import { addCgroupJoins, addCgroupWrite } from "./cgroups.ts";
import { addEveryCpu } from "./exec-affinity.ts";
import { hasHooks } from "./hooks.ts";
import { isCreated, type NamespaceSet } from "./namespaces.ts";

/** A container's cgroups, in two parts. */
export interface SplitCgroup {
  /** What is there before the init is. */
  readonly early: CgroupPlan;
  /** Settings and joins that are done while the init makes the container's environment. */
  readonly late: Pick<CgroupPlan, "writes" | "joins">;
}

/**
 * A new v1 cpuset takes processors and memory nodes from its parent before a process can join it. The kernel goes through all
 * cpusets of the host for that, 0.2 ms without others and 0.9 with a thousand: so the runtime's side does it while the init
 * mounts. Only where the config limits neither, nothing of others runs meanwhile, and nobody could look into the init.
 */
export function splitCgroup(cgroup: CgroupPlan, input: PlanInput, set: NamespaceSet): SplitCgroup {
  const directory = cgroup.paths.v1.cpuset;
  if (directory === undefined || !canWait(cgroup, directory, input, set)) {
    return { early: cgroup, late: { writes: [], joins: [] } };
  }
  const isLate = ({ path }: { readonly path: string }): boolean => path === directory || path === `${directory}/tasks`;
  const early = {
    writes: cgroup.writes.filter((write) => !isLate(write)),
    joins: cgroup.joins.filter((join) => !isLate(join)),
  };
  return {
    early: { ...cgroup, ...early },
    late: { writes: cgroup.writes.filter(isLate), joins: cgroup.joins.filter(isLate) },
  };
}

function canWait(cgroup: CgroupPlan, directory: string, { config, host }: PlanInput, set: NamespaceSet): boolean {
  const { cpus, mems } = config.linux?.resources?.cpu ?? {};
  const hasOnlyCpuset = !Object.entries(cgroup.paths.v1).some(
    ([name, path]) => name !== "cpuset" && path === directory,
  );
  return (
    (cpus ?? "") === "" &&
    (mems ?? "") === "" &&
    hasOnlyCpuset &&
    cgroup.scope === undefined &&
    config.process !== undefined &&
    !hasHooks(config, "prestart", "createRuntime", "createContainer") &&
    host.isPrivileged &&
    !set.hasUser &&
    isCreated(set, "pid") &&
    // Its root is where its maker is.
    !isCreated(set, "cgroup")
  );
}

/** The settings of the late part. */
export function addLateSettings(draft: PlanDraft, { late }: SplitCgroup): void {
  for (const write of late.writes) addCgroupWrite(draft, write);
}

/** The init's joins of the late part, behind the settings; only then is it certain where it may run. */
export function addLateJoins(draft: PlanDraft, { late }: SplitCgroup, slots: readonly number[]): void {
  if (late.joins.length === 0) return;
  addCgroupJoins(draft, late, slots, "init");
  addEveryCpu(draft, "init");
}
