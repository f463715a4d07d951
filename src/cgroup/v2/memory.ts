import type { Problem } from "../../base/problem.ts";
import type { MemoryLimits, Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import type { Integer } from "../decimal.ts";
import { decimal } from "../decimal.ts";
import type { CurrentValues, Target } from "../target.ts";
import { currentNumber, resource, write } from "../target.ts";
import { usageChecks } from "../usage-checks.ts";

const NO_SWAP_ACCOUNTING = "the kernel does not account for swap (CONFIG_MEMCG_SWAP, boot parameter swapaccount=1)";

/** Compiles linux.resources.memory for v2. Source: config-linux.md#memory, the kernel's cgroup-v2.rst, "Memory". */
export function compileMemoryV2(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { memory } = resources;
  if (memory === undefined) return [];
  const { limit, reservation } = memory;
  const usage = `${target.directory}/memory.current`;
  const writes: CgroupWrite[] = [...usageChecks(memory, usage, usage), ...swapWrite(memory, target)];
  if (limit) writes.push(write(target, "memory.max", limitText(limit), resource("memory", "limit")));
  if (reservation) writes.push(write(target, "memory.low", limitText(reservation), resource("memory", "reservation")));
  return writes;
}

/** Values of swap that v2, where swap is counted apart from memory, cannot be given. */
export function memoryProblemsV2(
  { limit, swap }: MemoryLimits,
  current: CurrentValues | undefined,
): readonly Problem[] {
  if (swap === undefined || swap <= 0 || isLifted(limit)) return [];
  const about = {
    pointer: resource("memory", "swap"),
    value: decimal(swap),
    spec: "config-linux.md#memory",
  } as const;
  const memory = limit || currentNumber(current, "memory.max");
  if (memory === undefined || memory === Number.POSITIVE_INFINITY) {
    const message = "is memory plus swap, from which the swap alone follows only with a memory limit";
    return [
      { ...about, code: "MEMORY_SWAP_WITHOUT_LIMIT", severity: "error", message, fix: "set memory.limit as well" },
    ];
  }
  if (swap >= memory) return [];
  const message = `is memory plus swap, so it must not be below memory.limit, ${memory}`;
  return [{ ...about, code: "MEMORY_SWAP_BELOW_LIMIT", severity: "error", message }];
}

/** No limit and no swap at all are the case anyway where the kernel does not account for swap. */
function swapWrite(memory: MemoryLimits, target: Target): readonly CgroupWrite[] {
  const value = swapText(memory, target);
  if (value === undefined) return [];
  const pointer = resource("memory", memory.swap ? "swap" : "limit");
  const options = value === "max" || value === "0" ? ({ when: "exists" } as const) : { missing: NO_SWAP_ACCOUNTING };
  return [write(target, "memory.swap.max", value, pointer, options)];
}

/** The config's swap is memory plus swap, as in v1; lifting the limit of memory lifts that of swap, as v1 needs. */
function swapText({ limit, swap }: MemoryLimits, target: Target): string | undefined {
  if (!swap) return isLifted(limit) ? "max" : undefined;
  if (swap < 0) return "max";
  if (isLifted(limit)) return decimal(swap);
  const memory = limit || currentNumber(target.current, "memory.max");
  if (memory === undefined || memory === Number.POSITIVE_INFINITY) return undefined;
  const alone = BigInt(swap) - BigInt(memory);
  return decimal(alone < 0n ? 0n : alone);
}

function isLifted(limit: Integer | undefined): boolean {
  return limit !== undefined && limit < 0;
}

function limitText(limit: Integer): string {
  return limit < 0 ? "max" : decimal(limit);
}
