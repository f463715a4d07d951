import type { Origin } from "../../base/origin.ts";
import { NAMESPACES, type NamespaceType } from "../../linux/namespaces.ts";
import type { PlanDraft } from "../draft.ts";
import { addBarrier } from "../handshake.ts";
import type { HostFacts } from "../host-facts.ts";
import type { Linux } from "../plan-input.ts";
import { mapsOwnIds } from "./rootless-ids.ts";

/** Which namespaces a container has: created, joined by path, or the caller's own. */
export interface NamespaceSet {
  /** The CLONE_NEW* flags of all that are created. */
  readonly created: number;
  readonly joined: readonly JoinedNamespace[];
  /** A user namespace is created or joined. */
  readonly hasUser: boolean;
  /** The init cannot be cloned at once: something has to be joined or set before. */
  readonly needsIntermediate: boolean;
}

interface JoinedNamespace {
  readonly type: NamespaceType;
  readonly path: string;
  readonly from: Origin;
}

/** Sorts linux.namespaces. Source: config-linux.md#namespaces. */
export function namespaceSet(linux: Linux): NamespaceSet {
  let created = 0;
  let hasUser = false;
  const joined: JoinedNamespace[] = [];
  (linux.namespaces ?? []).forEach(({ type, path }, index) => {
    if (type === "user") hasUser = true;
    if (path === undefined || path === "") created |= NAMESPACES[type].cloneFlag;
    else joined.push({ type, path, from: { config: `/linux/namespaces/${index}` } });
  });
  return {
    created,
    joined,
    hasUser,
    needsIntermediate: joined.length > 0 || (created & NAMESPACES.time.cloneFlag) !== 0,
  };
}

export function isCreated(set: NamespaceSet, type: NamespaceType): boolean {
  return (set.created & NAMESPACES[type].cloneFlag) !== 0;
}

export function hasOwn(set: NamespaceSet, type: NamespaceType): boolean {
  return isCreated(set, type) || set.joined.some((namespace) => namespace.type === type);
}

const FROM_NAMESPACES: Origin = { config: "/linux/namespaces" };

/** How the first process is made. */
export interface FirstProcess {
  /** The slot of the cgroup that it is cloned into; 0 for none. */
  readonly cgroup: number;
  /** Adds what is done while it still has the caller's ids, at both of its sides. */
  readonly whileCaller: (at: "intermediate" | "init") => void;
}

/**
 * The processes are made: the init at once where everything is new, through an intermediate where something has to be
 * joined first. A new cgroup namespace is left to the init, which must be in its cgroups before.
 */
export function addProcesses(
  draft: PlanDraft,
  set: NamespaceSet,
  linux: Linux,
  host: HostFacts,
  { cgroup, whileCaller }: FirstProcess,
): void {
  const flags = set.created & ~NAMESPACES.cgroup.cloneFlag;
  if (!set.needsIntermediate) {
    draft.add("parent", FROM_NAMESPACES, { op: "child.clone", flags, stage: "init", cgroup });
    whileCaller("init");
    addIdMappings(draft, set, linux, host, "init");
    addSeclusion(draft, "init", host);
    return;
  }
  const slots = set.joined.map((namespace) => openNamespace(draft, namespace));
  draft.add("parent", FROM_NAMESPACES, { op: "child.clone", flags: 0, stage: "intermediate", cgroup });
  whileCaller("intermediate");
  addJoins(draft, set, slots, host);
  if (isCreated(set, "user")) {
    draft.add("intermediate", FROM_NAMESPACES, { op: "ns.unshare", flags: NAMESPACES.user.cloneFlag });
    addTime(draft, set, linux);
    addBarrier(draft, "user-namespace", "intermediate", FROM_NAMESPACES);
    addIdMappings(draft, set, linux, host, "intermediate");
  } else {
    addTime(draft, set, linux);
    if (set.hasUser) draft.add("intermediate", FROM_NAMESPACES, { op: "ns.become_root" });
  }
  addSeclusion(draft, "intermediate", host);
  const left = flags & ~(NAMESPACES.user.cloneFlag | NAMESPACES.time.cloneFlag);
  draft.add("intermediate", FROM_NAMESPACES, { op: "init.clone", flags: left });
  draft.add("parent", FROM_NAMESPACES, { op: "child.adopt" });
}

/**
 * Nobody in a shared pid namespace may look into the init while it still holds descriptors of the host (CVE-2016-9962);
 * its execve makes it visible again. An ordinary user's parent could not set limits any more, and has nothing to hide.
 */
function addSeclusion(draft: PlanDraft, at: "intermediate" | "init", host: HostFacts): void {
  if (host.isPrivileged) draft.add(at, FROM_NAMESPACES, { op: "dumpable.clear" });
}

/** Opened on the runtime's side, because what comes after a join resolves paths elsewhere. */
function openNamespace(draft: PlanDraft, { path, from }: JoinedNamespace): number {
  const slot = draft.newSlot();
  draft.add("parent", from, { op: "ns.open", slot, path });
  return slot;
}

/**
 * A caller with privileges joins the user namespace last: inside, it has none over namespaces that belong to others.
 * One without has to join it first, to have any.
 */
function addJoins(draft: PlanDraft, set: NamespaceSet, slots: readonly number[], host: HostFacts): void {
  const order = set.joined.map((namespace, index) => ({ ...namespace, slot: slots[index] ?? 0 }));
  const isUser = (namespace: JoinedNamespace): number => (namespace.type === "user" ? 1 : 0);
  order.sort((a, b) => (host.isPrivileged ? isUser(a) - isUser(b) : isUser(b) - isUser(a)));
  for (const { type, path, from, slot } of order) {
    draft.add("intermediate", from, { op: "ns.join", slot, flag: NAMESPACES[type].cloneFlag, path });
  }
}

/** Before the process takes the ids of its user namespace: with them, the files of its own /proc are no longer its own. */
function addTime(draft: PlanDraft, set: NamespaceSet, linux: Linux): void {
  if (!isCreated(set, "time")) return;
  draft.add("intermediate", FROM_NAMESPACES, { op: "ns.unshare", flags: NAMESPACES.time.cloneFlag });
  const lines = Object.entries(linux.timeOffsets ?? {}).map(
    ([clock, offset]) => `${clock} ${offset?.secs ?? 0} ${offset?.nanosecs ?? 0}`,
  );
  if (lines.length === 0) return;
  draft.add("intermediate", { config: "/linux/timeOffsets" }, { op: "time.offsets", text: `${lines.join("\n")}\n` });
}

/** The parent writes the mappings, since the process itself has lost the right to; then it can become their root. */
function addIdMappings(
  draft: PlanDraft,
  set: NamespaceSet,
  linux: Linux,
  host: HostFacts,
  at: "intermediate" | "init",
): void {
  if (!isCreated(set, "user")) return;
  const from: Origin = { config: "/linux/uidMappings" };
  const uid = linux.uidMappings ?? [];
  const gid = linux.gidMappings ?? [];
  if (host.isPrivileged || mapsOwnIds(linux, host)) {
    const denySetgroups = host.isPrivileged ? 0 : 1;
    draft.add("parent", from, { op: "idmap.write", uidMap: mapText(uid), gidMap: mapText(gid), denySetgroups });
  } else {
    const newuidmap = host.rootless?.uid.program ?? "/usr/bin/newuidmap";
    const newgidmap = host.rootless?.gid.program ?? "/usr/bin/newgidmap";
    draft.add("parent", from, { op: "idmap.helper", program: newuidmap, triples: triples(uid) });
    draft.add(
      "parent",
      { config: "/linux/gidMappings" },
      { op: "idmap.helper", program: newgidmap, triples: triples(gid) },
    );
  }
  addBarrier(draft, "id-map", at, from);
  if (uid.some((mapping) => mapping.containerID === 0)) draft.add(at, from, { op: "ns.become_root" });
}

type IdMappings = NonNullable<Linux["uidMappings"]>;

/** The lines of uid_map and gid_map: inside, outside, length. Source: user_namespaces(7). */
export function mapText(mappings: IdMappings): string {
  return mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");
}

function triples(mappings: IdMappings): readonly string[] {
  return mappings.flatMap(({ containerID, hostID, size }) => [String(containerID), String(hostID), String(size)]);
}
