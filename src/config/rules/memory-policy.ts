import { parseIdList } from "../../linux/id-list.ts";
import { MEMORY_POLICY_NODES } from "../../linux/memory-policy.ts";
import type { Findings } from "../findings.ts";
import type { MemoryPolicy } from "../types.gen.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#memory-policy, set_mempolicy(2). */
export const memoryPolicyRules: RuleArea = {
  about: ["/linux/memoryPolicy"],
  check({ linux }, found) {
    const policy = linux?.memoryPolicy;
    if (policy === undefined) return;
    if (policy.mode === undefined) {
      const place = { pointer: "/linux/memoryPolicy/mode", spec: SPEC } as const;
      found.error({ ...place, code: "MEMORY_POLICY_MODE", message: "is required", fix: 'add "mode": "MPOL_DEFAULT"' });
      return;
    }
    checkNodes(policy.mode, policy, found);
    checkFlags(policy.mode, policy, found);
  },
};

type Mode = NonNullable<MemoryPolicy["mode"]>;

const SPEC = "config-linux.md#memory-policy";

function checkNodes(mode: Mode, { nodes, flags = [] }: MemoryPolicy, found: Findings): void {
  const hasNodes = (parseIdList(nodes ?? "") ?? []).length > 0;
  // Relative to nothing or fixed at nothing makes no sense to the kernel, even where it would choose the node itself.
  const needsNodes = flags.some((flag) => flag !== "MPOL_F_NUMA_BALANCING");
  const wanted = needsNodes && mode === "MPOL_PREFERRED" ? "some" : MEMORY_POLICY_NODES[mode];
  if (wanted === "any" || hasNodes === (wanted === "some")) return;
  found.error({
    code: "MEMORY_POLICY_NODES",
    pointer: "/linux/memoryPolicy/nodes",
    value: nodes,
    message: wanted === "some" ? `must name a node for ${mode}` : `must be empty for ${mode}`,
    spec: SPEC,
  });
}

function checkFlags(mode: Mode, { flags = [] }: MemoryPolicy, found: Findings): void {
  const place = {
    code: "MEMORY_POLICY_FLAGS",
    pointer: "/linux/memoryPolicy/flags",
    value: flags,
    spec: SPEC,
  } as const;
  if (flags.includes("MPOL_F_STATIC_NODES") && flags.includes("MPOL_F_RELATIVE_NODES")) {
    found.error({ ...place, message: "must not have both MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES" });
  }
  if (flags.includes("MPOL_F_NUMA_BALANCING") && mode !== "MPOL_BIND" && mode !== "MPOL_PREFERRED_MANY") {
    found.error({ ...place, message: "has MPOL_F_NUMA_BALANCING, which is for MPOL_BIND and MPOL_PREFERRED_MANY" });
  }
}
