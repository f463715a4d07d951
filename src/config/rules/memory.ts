import { pointerTo } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { MemoryLimits } from "../types.gen.ts";
import { isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#memory. */
export const memoryRules: RuleArea = {
  about: ["/linux/resources/memory"],
  check({ linux }, found) {
    const memory = linux?.resources?.memory;
    if (memory === undefined) return;
    checkLimits(memory, found);
    checkSwap(memory, found);
    checkSwappiness(memory, found);
  },
};

const SPEC = "config-linux.md#memory";

function checkLimits(memory: MemoryLimits, found: Findings): void {
  for (const member of ["limit", "reservation", "swap", "kernel", "kernelTCP"] as const) {
    const value = memory[member] ?? 0;
    if (value >= -1) continue;
    const place = { pointer: pointerTo("/linux/resources/memory", member), value, spec: SPEC } as const;
    found.error({
      ...place,
      code: "MEMORY_LIMIT",
      message: "must be a number of bytes, or -1 for no limit",
      fix: "write -1",
    });
  }
}

/** Swap counts memory and swap together, so it cannot be less than memory. An absent limit and 0 are no limit. */
function checkSwap({ limit = 0, swap = 0 }: MemoryLimits, found: Findings): void {
  const place = { pointer: "/linux/resources/memory/swap", value: swap, spec: SPEC } as const;
  if (swap <= 0) return;
  if (limit <= 0) {
    const message = "needs memory.limit as well: it limits memory and swap together";
    found.error({ ...place, code: "MEMORY_SWAP_WITHOUT_LIMIT", message, fix: "add memory.limit" });
  } else if (swap < limit) {
    const message = `must be at least memory.limit, ${limit}: it limits memory and swap together`;
    found.error({ ...place, code: "MEMORY_SWAP_BELOW_LIMIT", message, fix: `write ${limit} for no swap` });
  }
}

/** Callers in Go write -1, for "unset", as an unsigned number: 2^64 - 1, or 2^64 for who has only doubles. */
function isUnset(value: number | bigint): boolean {
  return value === 2n ** 64n - 1n || value === 2 ** 64;
}

function checkSwappiness({ swappiness: value = 0 }: MemoryLimits, found: Findings): void {
  if (isWithin(value, 0, 100) || isUnset(value)) return;
  const place = { pointer: "/linux/resources/memory/swappiness", value, spec: SPEC } as const;
  found.error({ ...place, code: "MEMORY_SWAPPINESS", message: "must be from 0 to 100" });
}
