import { RuntimeError } from "../../base/errors.ts";
import type { CgroupPlan } from "../cgroup-plan.ts";
import type { ResolvedRequest } from "../compile-cgroup.ts";

/** Refuses hosts that have the unified hierarchy only. Throws RuntimeError ERR_NOT_SUPPORTED. */
export function compileCgroupV2({ facts }: ResolvedRequest): CgroupPlan {
  const place = facts.v2?.mountpoint ?? "";
  throw new RuntimeError(
    "ERR_NOT_SUPPORTED",
    `Cannot make a cgroup below "${place}": cgroup v2 alone is not supported`,
  );
}
