import type { Origin } from "../../base/origin.ts";
import { cgroupJoins } from "../../cgroup/joins.ts";
import { NAMESPACES, type NamespaceType } from "../../linux/namespaces.ts";
import type { PlanDraft } from "../draft.ts";
import type { ExecInput } from "../exec-input.ts";
import { addBarrier } from "../handshake.ts";
import { addFinalAffinity, addInitialAffinity } from "./exec-affinity.ts";
import { rdtGroup } from "./intel-rdt.ts";
import { addOomScoreAdj } from "./process.ts";

const CGROUPS: Origin = { config: "/linux/cgroupsPath" };
const RDT: Origin = { config: "/linux/intelRdt" };
const NAMESPACE_LIST: Origin = { config: "/linux/namespaces" };

/**
 * From the caller's process to one in the container. Cgroups come first: what the process does from then on counts for
 * the container, and their directories cannot be reached from inside. Before it can be seen from the container, it has
 * closed what belongs to the host and cannot be looked into.
 */
export function addJoining(draft: PlanDraft, input: ExecInput): void {
  const { process, init } = input;
  const target = draft.newSlot();
  draft.add("parent", NAMESPACE_LIST, { op: "process.open", slot: target, ...init });
  const cgroups = openCgroups(draft, input);
  addInitialAffinity(draft, process);
  draft.add("parent", NAMESPACE_LIST, {
    op: "child.clone",
    flags: 0,
    stage: "intermediate",
    cgroup: cgroups.cloneInto,
  });
  addAttachment(draft, input);
  joinCgroups(draft, cgroups);
  addFinalAffinity(draft, process);
  addOomScoreAdj(draft, "intermediate", process);
  joinNamespaces(draft, input, target);
  draft.add("intermediate", NAMESPACE_LIST, { op: "init.clone", flags: 0 });
  draft.add("parent", NAMESPACE_LIST, { op: "child.adopt" });
  addRoot(draft, input);
}

interface OpenCgroups {
  /** The slot of the v2 directory to be born in; 0 for none. */
  readonly cloneInto: number;
  readonly joins: readonly { readonly slot: number; readonly path: string; readonly from: Origin }[];
}

function openCgroups(draft: PlanDraft, { id, cgroup, attach, config, host }: ExecInput): OpenCgroups {
  const open = (path: string, from: Origin): number => {
    const slot = draft.newSlot();
    draft.add("parent", from, { op: "cgroup.open", slot, path });
    return slot;
  };
  const cloneInto = cgroup.v2 === undefined || attach !== undefined ? 0 : open(cgroup.v2, CGROUPS);
  const { intelRdt } = config.linux ?? {};
  const rdt = intelRdt === undefined || host.rdt === undefined ? [] : [`${rdtGroup(intelRdt, id, host.rdt)}/tasks`];
  const files = [...cgroupJoins(cgroup, CGROUPS), ...rdt.map((path) => ({ path, from: RDT }))];
  const joins = files.map(({ path, from }) => ({ slot: open(path, from), path, from }));
  return { cloneInto, joins };
}

/** Nothing goes on in the process before systemd has moved it. */
function addAttachment(draft: PlanDraft, { attach }: ExecInput): void {
  if (attach === undefined) return;
  const { unit, directory, command } = attach;
  draft.add("parent", CGROUPS, { op: "scope.attach", unit, argv: command, directory });
  addBarrier(draft, "cgroup", "intermediate", CGROUPS);
}

function joinCgroups(draft: PlanDraft, { cloneInto, joins }: OpenCgroups): void {
  if (cloneInto !== 0) draft.add("intermediate", CGROUPS, { op: "slot.close", slot: cloneInto });
  for (const { slot, path, from } of joins) draft.add("intermediate", from, { op: "cgroup.join", slot, path });
}

/**
 * A caller with privileges joins the user namespace last: inside, it has none over namespaces that belong to others.
 * One without has to join it first, to have any.
 */
function joinNamespaces(draft: PlanDraft, { namespaces, host, init }: ExecInput, slot: number): void {
  draft.add("intermediate", NAMESPACE_LIST, { op: "dumpable.clear" });
  const user = namespaces.filter((type) => type === "user");
  const others = namespaces.filter((type) => type !== "user");
  for (const group of host.isPrivileged ? [others, user] : [user, others]) {
    if (group.length === 0) continue;
    draft.add("intermediate", NAMESPACE_LIST, { op: "ns.join_process", slot, pid: init.pid, flags: flagsOf(group) });
  }
  if (user.length > 0) draft.add("intermediate", NAMESPACE_LIST, { op: "ns.become_root" });
  draft.add("intermediate", NAMESPACE_LIST, { op: "slot.close", slot });
}

function flagsOf(types: readonly NamespaceType[]): number {
  return types.reduce((flags, type) => flags | NAMESPACES[type].cloneFlag, 0);
}

/** The root of the container's mount namespace is the container's; without one, it has only a directory of the host. */
function addRoot(draft: PlanDraft, { config, rootfs }: ExecInput): void {
  const hasMounts = config.linux?.namespaces?.some(({ type }) => type === "mount") === true;
  if (hasMounts) draft.add("init", NAMESPACE_LIST, { op: "root.open" });
  else draft.add("init", { config: "/root/path" }, { op: "root.chroot", path: rootfs });
}
