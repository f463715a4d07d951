import type { Resources } from "../config/types.gen.ts";
import type { CgroupWrite } from "./cgroup-plan.ts";
import { decimal } from "./decimal.ts";
import type { Target } from "./target.ts";
import { resource, write } from "./target.ts";

/** Compiles linux.resources.rdma: the same file in v1 and v2. Source: config-linux.md#rdma, the kernel's cgroup-v1/rdma.rst. */
export function compileRdma(resources: Resources, target: Target): readonly CgroupWrite[] {
  return Object.entries(resources.rdma ?? {}).map(([device, { hcaHandles, hcaObjects }]) => {
    const handles = hcaHandles === undefined ? "" : ` hca_handle=${decimal(hcaHandles)}`;
    const objects = hcaObjects === undefined ? "" : ` hca_object=${decimal(hcaObjects)}`;
    return write(target, "rdma.max", `${device}${handles}${objects}`, resource("rdma", device));
  });
}
