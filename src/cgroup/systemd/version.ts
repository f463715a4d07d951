import type { Resources } from "../../config/types.gen.ts";

/** Whether properties of these resources depend on the manager's version, which costs a question to learn. */
export function asksForVersion({ cpu, unified = {} }: Resources = {}): boolean {
  return cpu?.idle === 1 || "cpu.idle" in unified || "memory.oom.group" in unified;
}

/** Whether CPUWeight= takes "idle". Source: systemd's NEWS, 252. */
export function hasIdle(version = 0): boolean {
  return version >= 252;
}

/** Whether scopes have OOMPolicy=. Source: systemd's NEWS, 253. */
export function hasScopeOomPolicy(version = 0): boolean {
  return version >= 253;
}
