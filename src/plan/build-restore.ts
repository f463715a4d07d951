import type { Origin } from "../base/origin.ts";
import { ConfigError } from "../base/problem.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { MS } from "../linux/mount-flags.ts";
import { NAMESPACES } from "../linux/namespaces.ts";
import { addRunning, type BuiltPlan, cgroupOf, openCloneInto } from "./build.ts";
import { PlanDraft } from "./draft.ts";
import { addCgroupJoins, addCgroups } from "./parts/cgroups.ts";
import { addIntelRdt } from "./parts/intel-rdt.ts";
import { namespaceSet } from "./parts/namespaces.ts";
import { addScope } from "./parts/scope.ts";
import type { PlanInput } from "./plan-input.ts";

/** What a restore plan is built from: what a run plan is, and how criu is called. */
export interface RestoreInput extends PlanInput {
  readonly criu: {
    /** The program, absolute. */
    readonly program: string;
    /** Its arguments, for a container with these cgroups. */
    readonly args: (cgroup: CgroupPaths) => readonly string[];
    /** Where it writes the pid of the container's init. */
    readonly pidFile: string;
    readonly logFile: string;
    /** Namespaces that it inherits as descriptors, from FIRST_CRIU_FD on, in this order. */
    readonly namespaces: readonly string[];
  };
}

/** The first number of the descriptors that criu's arguments name; native/ops_criu.c has it too. */
export const FIRST_CRIU_FD = 10;

const RESTORE: Origin = { flag: "--image-path" };
const NAMESPACE_LIST: Origin = { config: "/linux/namespaces" };

/**
 * Compiles the plan that restores a container from images. Pure. Throws ConfigError with everything that this host
 * cannot do. Source: criu(8).
 *
 *     parent         makes the cgroups and the intermediate, takes over the init that criu has made, writes the state
 *     intermediate   joins the cgroups, makes the root filesystem a mount in a mount namespace of its own, becomes criu
 */
export function buildRestorePlan(input: RestoreInput): BuiltPlan {
  const linux = input.config.linux ?? {};
  const draft = new PlanDraft();
  const cgroup = cgroupOf(input, linux);
  draft.problems.push(...cgroup.problems);
  const journal = `${input.stateDirectory}/journal.jsonl`;
  draft.add("parent", { implied: "runtime.md#errors" }, { op: "journal.open", path: journal });
  const cgroupSlots = addCgroups(draft, cgroup);
  const rdtJoins = addIntelRdt(draft, input);
  const cloneInto = openCloneInto(draft, cgroup);
  const namespaceSlots = openNamespaces(draft, input);
  draft.add("parent", RESTORE, { op: "child.clone", flags: 0, stage: "intermediate", cgroup: cloneInto });
  if (cloneInto !== 0) draft.add("intermediate", RESTORE, { op: "slot.close", slot: cloneInto });
  addScope(draft, cgroup, "intermediate");
  addCgroupJoins(draft, cgroup, cgroupSlots, "intermediate");
  for (const { slot, path } of rdtJoins) draft.add("intermediate", RESTORE, { op: "cgroup.join", slot, path });
  addCriu(draft, input, cgroup.paths, namespaceSlots);
  addState(draft, input, cgroup.paths);
  const process = input.config.process;
  addRunning({ draft, input, cgroup, set: namespaceSet(linux), process });
  const errors = draft.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new ConfigError("Cannot restore this config on this host", errors);
  return { plan: { verb: "restore", id: input.id, steps: draft.steps }, cgroup, warnings: draft.problems };
}

function openNamespaces(draft: PlanDraft, { criu }: RestoreInput): readonly number[] {
  return criu.namespaces.map((path) => {
    const slot = draft.newSlot();
    draft.add("parent", NAMESPACE_LIST, { op: "ns.open", slot, path });
    return slot;
  });
}

/** criu wants a root that is a mount: it is one for criu alone, and gone with it. */
function addCriu(
  draft: PlanDraft,
  { criu, rootfs }: RestoreInput,
  cgroup: CgroupPaths,
  namespaceSlots: readonly number[],
): void {
  const { program, pidFile, logFile } = criu;
  draft.add("intermediate", RESTORE, { op: "ns.unshare", flags: NAMESPACES.mount.cloneFlag });
  draft.add("intermediate", RESTORE, { op: "mount.propagation", path: "/", flags: MS.SLAVE | MS.REC });
  draft.add("intermediate", RESTORE, { op: "root.attach", path: rootfs, slot: 0, privateParent: 0 });
  const slots = namespaceSlots.map(String);
  draft.add("intermediate", RESTORE, { op: "criu.run", program, args: criu.args(cgroup), slots });
  draft.add("parent", RESTORE, { op: "criu.adopt", pidFile, logFile });
}

function addState(draft: PlanDraft, input: RestoreInput, paths: CgroupPaths): void {
  const path = `${input.stateDirectory}/state.json`;
  draft.add("parent", RESTORE, { op: "state.write", path, ...input.renderState(paths) });
  if (input.pidFile === undefined) return;
  const undo = JSON.stringify({ undo: "unlink", path: input.pidFile });
  draft.add("parent", { flag: "--pid-file" }, { op: "pidfile.write", path: input.pidFile, undo });
}
