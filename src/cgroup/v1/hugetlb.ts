import type { Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { Target } from "../target.ts";
import { resource, write } from "../target.ts";

/**
 * Compiles linux.resources.hugepageLimits for v1. The limit of reservations goes along where the kernel (since 5.7)
 * has it: pages that are reserved and not yet touched count only there. Source: config-linux.md#huge-page-limits,
 * the kernel's cgroup-v1/hugetlb.rst.
 */
export function compileHugetlbV1(resources: Resources, target: Target): readonly CgroupWrite[] {
  return (resources.hugepageLimits ?? []).flatMap(({ pageSize, limit }, index) => {
    const pointer = resource("hugepageLimits", index);
    const missing = `the kernel has no huge pages of ${pageSize}`;
    return [
      write(target, `hugetlb.${pageSize}.limit_in_bytes`, decimal(limit), pointer, { missing }),
      write(target, `hugetlb.${pageSize}.rsvd.limit_in_bytes`, decimal(limit), pointer, { when: "exists" }),
    ];
  });
}
