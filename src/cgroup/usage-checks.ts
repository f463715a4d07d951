import type { MemoryLimits } from "../config/types.gen.ts";
import type { UsageCheck } from "./cgroup-plan.ts";
import { decimal } from "./decimal.ts";
import { resource } from "./target.ts";

/**
 * The checks that memory.checkBeforeUpdate asks for, the wider limit first; `memory` and `both` are the files that
 * tell the usage. Source: config-linux.md#memory.
 */
export function usageChecks(limits: MemoryLimits, memory: string, both: string): readonly UsageCheck[] {
  if (limits.checkBeforeUpdate !== true) return [];
  const from = { config: resource("memory", "checkBeforeUpdate") };
  const { limit = 0, swap = 0 } = limits;
  const checks: UsageCheck[] = [];
  if (swap > 0) checks.push({ kind: "usageCheck", of: "memory+swap", path: both, limitBytes: decimal(swap), from });
  if (limit > 0) checks.push({ kind: "usageCheck", of: "memory", path: memory, limitBytes: decimal(limit), from });
  return checks;
}
