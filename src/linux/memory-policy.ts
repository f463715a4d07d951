/** The NUMA policies of config.json. Source: set_mempolicy(2), include/uapi/linux/mempolicy.h of Linux 6.18. */
export const MEMORY_POLICY_MODES = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
} as const;

export type MemoryPolicyMode = keyof typeof MEMORY_POLICY_MODES;

/** Or-ed into the mode. Source: set_mempolicy(2), include/uapi/linux/mempolicy.h of Linux 6.18. */
export const MEMORY_POLICY_FLAGS = {
  MPOL_F_NUMA_BALANCING: 1 << 13,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_STATIC_NODES: 1 << 15,
} as const;

/** What set_mempolicy(2) says about the nodes of a mode: none allowed, at least one needed, or either. */
export const MEMORY_POLICY_NODES: Readonly<Record<MemoryPolicyMode, "none" | "some" | "any">> = {
  MPOL_DEFAULT: "none",
  MPOL_PREFERRED: "any",
  MPOL_BIND: "some",
  MPOL_INTERLEAVE: "some",
  MPOL_LOCAL: "none",
  MPOL_PREFERRED_MANY: "some",
  MPOL_WEIGHTED_INTERLEAVE: "some",
};
