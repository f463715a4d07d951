import { type Problem, shownValue } from "../../base/problem.ts";
import type { Config } from "../../config/types.gen.ts";
import type { HostFacts } from "../host-facts.ts";
import type { Linux } from "../plan-input.ts";
import { keepsGroups } from "./annotations.ts";
import { isCreated, type NamespaceSet } from "./namespaces.ts";
import { mapsOwnIds, mapsSubordinateGroups } from "./rootless-ids.ts";

type GroupConfig = Pick<Config, "annotations" | "process">;

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
export function setsGroups(config: GroupConfig, allowed: boolean): boolean {
  return !keepsGroups(config) && (allowed || additionalGids(config).length > 0);
}

/** Additional groups that nobody can set in the container's user namespace. */
export function groupProblems(config: GroupConfig, allowed: boolean | undefined): readonly Problem[] {
  const gids = additionalGids(config);
  if (allowed !== false || gids.length === 0 || keepsGroups(config)) return [];
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

function additionalGids({ process }: GroupConfig): readonly number[] {
  return process?.user?.additionalGids ?? [];
}
