import { type Problem, shownValue } from "../../base/problem.ts";
import type { HostFacts } from "../host-facts.ts";
import type { Linux, Process } from "../plan-input.ts";
import { isCreated, type NamespaceSet } from "./namespaces.ts";
import { mapsOwnIds, mapsSubordinateGroups } from "./rootless-ids.ts";

/**
 * Whether setgroups(2) will be allowed in the container's user namespace; undefined where that one is joined, and was
 * made by others. Source: user_namespaces(7), "Interaction with system calls that change process UIDs or GIDs".
 */
export function allowsSetgroups(set: NamespaceSet, linux: Linux, host: HostFacts): boolean | undefined {
  if (set.hasUser && !isCreated(set, "user")) return undefined;
  if (host.outer?.deniesSetgroups === true) return false;
  return host.isPrivileged || (!mapsOwnIds(linux, host) && mapsSubordinateGroups(linux, host));
}

/** Whether to call it at all: also for no group, which drops the caller's, and for groups that only the kernel can refuse. */
export function setsGroups(process: Process | undefined, allowed: boolean): boolean {
  return allowed || (process?.user?.additionalGids ?? []).length > 0;
}

/** Additional groups that nobody can set in the container's user namespace. */
export function groupProblems(process: Process | undefined, allowed: boolean | undefined): readonly Problem[] {
  const gids = process?.user?.additionalGids ?? [];
  if (allowed !== false || gids.length === 0) return [];
  return [
    {
      code: "GROUPS_DENIED",
      severity: "error",
      pointer: "/process/user/additionalGids",
      value: shownValue(gids),
      message: "cannot be set: a user namespace whose maker has mapped but an own group denies it to all",
      fix: "leave them out, or map a range of groups from /etc/subgid",
      spec: "config.md#posix-platform-user",
    },
  ];
}
