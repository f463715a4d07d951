import { parseIdList } from "../../linux/id-list.ts";
import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from "../../linux/memory-policy.ts";
import type { PlanDraft } from "../draft.ts";
import type { Linux } from "../plan-input.ts";

/** The NUMA policy of the container's process. Source: config-linux.md#memory-policy, set_mempolicy(2). */
export function addMemoryPolicy(draft: PlanDraft, { memoryPolicy }: Linux): void {
  if (memoryPolicy?.mode === undefined) return;
  const flags = (memoryPolicy.flags ?? []).reduce((bits, flag) => bits | MEMORY_POLICY_FLAGS[flag], 0);
  const mode = MEMORY_POLICY_MODES[memoryPolicy.mode] | flags;
  draft.add(
    "init",
    { config: "/linux/memoryPolicy" },
    { op: "memory.policy", mode, nodes: nodeMask(memoryPolicy.nodes ?? "") },
  );
}

/** A bit for each node as bytes in hexadecimal, the lowest first, in whole 64-bit words as the kernel reads them. */
export function nodeMask(list: string): string {
  const ranges = parseIdList(list) ?? [];
  const highest = Math.max(-1, ...ranges.map(([, last]) => last));
  const bytes = new Uint8Array(Math.ceil((highest + 1) / 64) * 8);
  for (const [first, last] of ranges) {
    for (let id = first; id <= last; id++) bytes[id >> 3] = (bytes[id >> 3] ?? 0) | (1 << (id & 7));
  }
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
