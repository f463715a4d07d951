import type { Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { Target } from "../target.ts";
import { resource, write } from "../target.ts";

/**
 * Compiles linux.resources.hugepageLimits for v2, with the limit of reservations where the kernel (since 5.7) has it.
 * Source: config-linux.md#huge-page-limits, the kernel's cgroup-v2.rst, "HugeTLB".
 */
export function compileHugetlbV2(resources: Resources, target: Target): readonly CgroupWrite[] {
  return (resources.hugepageLimits ?? []).flatMap(({ pageSize, limit }, index) => {
    const pointer = resource("hugepageLimits", index);
    const missing = `the kernel has no huge pages of ${pageSize}`;
    return [
      write(target, `hugetlb.${pageSize}.max`, decimal(limit), pointer, { missing }),
      write(target, `hugetlb.${pageSize}.rsvd.max`, decimal(limit), pointer, { when: "exists" }),
    ];
  });
}
