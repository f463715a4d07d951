import type { CgroupPath } from "./cgroup-path.ts";
import { resolveCgroupPath } from "./cgroup-path.ts";
import type { CgroupPlan } from "./cgroup-plan.ts";
import type { CgroupFacts } from "./facts.ts";
import { isUnifiedHost } from "./facts.ts";
import type { Resources } from "./resources.ts";
import { compileCgroupV1 } from "./v1/compile-cgroup-v1.ts";
import { compileCgroupV2 } from "./v2/compile-cgroup-v2.ts";

export interface CgroupRequest {
  readonly id: string;
  /** linux.cgroupsPath as the config has it. */
  readonly cgroupsPath?: string;
  /** linux.resources; a config without any still gets a cgroup and the list of allowed devices. */
  readonly resources?: Resources;
  readonly facts: CgroupFacts;
  /**
   * The caller is not root of the host: cgroups are made below the caller's own one where that is allowed and left
   * out where it is not, and devices are not restricted, because such a caller's devices are the host's files only.
   */
  readonly rootless: boolean;
}

/** A request with its path resolved. */
export interface ResolvedRequest {
  readonly path: CgroupPath;
  readonly resources: Resources;
  readonly facts: CgroupFacts;
  readonly rootless: boolean;
}

/**
 * Compiles linux.cgroupsPath and linux.resources into directories, writes and joins. What the host cannot do is
 * reported in `problems`, never left out in silence. Source: config-linux.md#control-groups, cgroups(7).
 */
export function compileCgroup(request: CgroupRequest): CgroupPlan {
  const { id, cgroupsPath, resources = {}, facts, rootless } = request;
  const path = resolveCgroupPath(cgroupsPath, id);
  const resolved: ResolvedRequest = { path, resources, facts, rootless };
  const plan = isUnifiedHost(facts) ? compileCgroupV2(resolved) : compileCgroupV1(resolved);
  return { ...plan, problems: [...path.problems, ...plan.problems] };
}
