import type { Origin } from "../../base/origin.ts";
import type { CgroupPlan } from "../../cgroup/cgroup-plan.ts";
import { isUnifiedHost } from "../../cgroup/facts.ts";
import type { PlanDraft } from "../draft.ts";
import type { HostFacts } from "../host-facts.ts";
import type { Linux, PlanInput } from "../plan-input.ts";
import { isCreated, type NamespaceSet } from "./namespaces.ts";
import { isHostRoot } from "./rootless.ts";

const FROM: Origin = { implied: "config-linux.md#cgroup-ownership" };

/** What a kernel without /sys/kernel/cgroup/delegate has. Source: config-linux.md#cgroup-ownership. */
const OLDER_FILES: readonly string[] = ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"];

/**
 * Gives the container's v2 cgroup to the user that its process runs as, so that it can make cgroups below: where it has
 * a cgroup namespace of its own, and the hierarchy mounted to be written to. Limits stay the host's. Source:
 * config-linux.md#cgroup-ownership, cgroups(7).
 */
export function addCgroupOwnership(draft: PlanDraft, input: PlanInput, set: NamespaceSet, cgroup: CgroupPlan): void {
  const directory = cgroup.paths.v2;
  if (directory === undefined || !isUnifiedHost(input.host.cgroup) || !isHostRoot(input.host)) return;
  if (!isCreated(set, "cgroup") || !mountsWritable(input.config.mounts)) return;
  const uid = ownerOf(input.config.process?.user?.uid ?? 0, input.config.linux, set);
  if (uid === undefined || uid === input.host.uid) return;
  draft.add("parent", FROM, { op: "cgroup.chown", path: directory, uid });
  for (const file of delegatedFiles(input.host)) {
    draft.add("parent", FROM, { op: "cgroup.chown", path: `${directory}/${file}`, uid });
  }
}

function delegatedFiles({ cgroup }: HostFacts): readonly string[] {
  return cgroup.v2?.delegated ?? OLDER_FILES;
}

function mountsWritable(mounts: PlanInput["config"]["mounts"] = []): boolean {
  return mounts.some(
    ({ source, destination, options = [] }) =>
      source === "cgroup" && destination === "/sys/fs/cgroup" && !options.includes("ro"),
  );
}

/** The host's id for one of the container's; undefined where it has none, or the mapping belongs to somebody else. */
function ownerOf(uid: number, linux: Linux = {}, set: NamespaceSet): number | undefined {
  if (!set.hasUser) return uid;
  if (!isCreated(set, "user")) return undefined;
  const mapping = linux.uidMappings?.find(({ containerID, size }) => uid >= containerID && uid < containerID + size);
  return mapping === undefined ? undefined : mapping.hostID + uid - mapping.containerID;
}
