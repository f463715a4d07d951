import type { Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { Target } from "../target.ts";
import { resource, write } from "../target.ts";

/**
 * Compiles linux.resources.network.priorities: one write an interface, which the kernel looks up in the writer's
 * network namespace. Source: config-linux.md#network, the kernel's cgroup-v1/net_prio.rst.
 */
export function compileNetPrioV1(resources: Resources, target: Target): readonly CgroupWrite[] {
  return (resources.network?.priorities ?? []).map(({ name, priority }, index) =>
    write(target, "net_prio.ifpriomap", `${name} ${decimal(priority)}`, resource("network", "priorities", index), {
      missing: "the kernel has no network priorities (CONFIG_CGROUP_NET_PRIO)",
    }),
  );
}
