import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite } from "./cgroup-plan.ts";
import { decimal } from "./decimal.ts";
import type { Target } from "./target.ts";
import { resource, write } from "./target.ts";

/**
 * Compiles linux.resources.pids: the same file in v1 and v2. 0 becomes 1, because the container's first process counts
 * and could otherwise not be cloned into a v2 cgroup; what it can do is the same. Source: config-linux.md#pids, the
 * kernel's Documentation/admin-guide/cgroup-v1/pids.rst.
 */
export function compilePids(resources: Resources, target: Target): readonly CgroupWrite[] {
  const limit = resources.pids?.limit;
  if (limit === undefined) return [];
  const value = limit < 0 ? "max" : limit < 1 ? "1" : decimal(limit);
  return [write(target, "pids.max", value, resource("pids", "limit"))];
}
