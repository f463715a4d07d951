import type { Problem } from "../../base/problem.ts";
import type { MemoryLimits, Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import type { Integer } from "../decimal.ts";
import { decimal } from "../decimal.ts";
import type { CurrentValues, Target, WriteOptions } from "../target.ts";
import { currentNumber, resource, write } from "../target.ts";
import { usageChecks } from "../usage-checks.ts";

const LIMIT = "memory.limit_in_bytes";
const MEMSW = "memory.memsw.limit_in_bytes";
const NO_SWAP_ACCOUNTING = "the kernel does not account for swap (boot parameter swapaccount=1)";
const NO_KERNEL_LIMIT = "this kernel has no separate limit of kernel memory";

/**
 * Compiles linux.resources.memory for v1. Source: config-linux.md#memory, the kernel's
 * Documentation/admin-guide/cgroup-v1/memory.rst.
 */
export function compileMemoryV1(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { memory } = resources;
  if (memory === undefined) return [];
  const usage = `${target.directory}/memory.usage_in_bytes`;
  const both = `${target.directory}/memory.memsw.usage_in_bytes`;
  return [...usageChecks(memory, usage, both), ...limits(memory, target), ...others(memory, target)];
}

/** What the kernel would refuse with no more than EINVAL. */
export function memoryProblemsV1(memory: MemoryLimits, current: CurrentValues | undefined): readonly Problem[] {
  const limit = wanted(memory.limit) ?? currentNumber(current, LIMIT) ?? Number.POSITIVE_INFINITY;
  const memsw = wantedMemsw(memory) ?? currentNumber(current, MEMSW) ?? Number.POSITIVE_INFINITY;
  if (limit <= memsw) return [];
  if (memory.swap) return [swapProblem(memory.swap, memory.limit)];
  return [
    {
      code: "MEMORY_LIMIT_ABOVE_SWAP",
      severity: "error",
      pointer: resource("memory", "limit"),
      value: decimal(memory.limit ?? 0),
      message: `must not be above the present limit of memory and swap together, ${memsw}`,
      fix: "set swap (memory plus swap) as well",
      spec: "config-linux.md#memory",
    },
  ];
}

function swapProblem(swap: Integer, limit: Integer | undefined): Problem {
  const about = {
    pointer: resource("memory", "swap"),
    value: decimal(swap),
    spec: "config-linux.md#memory",
  } as const;
  if (!limit) {
    const message = "limits memory and swap together, which needs a memory limit that is not higher";
    return { ...about, code: "MEMORY_SWAP_WITHOUT_LIMIT", severity: "error", message, fix: "set memory.limit as well" };
  }
  const message = `is memory plus swap, so it must not be below memory.limit, ${limit}`;
  return { ...about, code: "MEMORY_SWAP_BELOW_LIMIT", severity: "error", message };
}

/**
 * The kernel keeps limit ≤ memsw at every moment: memory first if the new limit is within the present memsw, which is
 * always so for a new cgroup, and memsw first otherwise.
 */
function limits(memory: MemoryLimits, target: Target): readonly CgroupWrite[] {
  const limit = wanted(memory.limit);
  const memsw = wantedMemsw(memory);
  const writes: CgroupWrite[] = [];
  if (limit !== undefined) writes.push(write(target, LIMIT, text(memory.limit), resource("memory", "limit")));
  if (memsw === undefined) return writes;
  const implied = !memory.swap;
  const options: WriteOptions = implied ? { when: "exists" } : { missing: NO_SWAP_ACCOUNTING };
  const value = implied ? "-1" : text(memory.swap);
  const swap = write(target, MEMSW, value, resource("memory", implied ? "limit" : "swap"), options);
  const presentMemsw = currentNumber(target.current, MEMSW) ?? Number.POSITIVE_INFINITY;
  return limit !== undefined && limit > presentMemsw ? [swap, ...writes] : [...writes, swap];
}

/** 0 and an absent member leave a limit alone, a negative one lifts it. */
function wanted(limit: Integer | undefined): number | undefined {
  if (!limit) return undefined;
  return limit < 0 ? Number.POSITIVE_INFINITY : Number(limit);
}

/** Lifting the limit of memory lifts that of memory and swap too, unless the config gives one. */
function wantedMemsw(memory: MemoryLimits): number | undefined {
  return (
    wanted(memory.swap) ?? (wanted(memory.limit) === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : undefined)
  );
}

function text(value: Integer | undefined): string {
  return decimal(value ?? 0);
}

function others(memory: MemoryLimits, target: Target): readonly CgroupWrite[] {
  const { reservation, kernel, kernelTCP, swappiness, useHierarchy, disableOOMKiller } = memory;
  const writes: CgroupWrite[] = [];
  const add = (file: string, value: string, member: string, options?: WriteOptions) =>
    writes.push(write(target, file, value, resource("memory", member), options));
  if (useHierarchy !== undefined) add("memory.use_hierarchy", useHierarchy ? "1" : "0", "useHierarchy");
  if (reservation) add("memory.soft_limit_in_bytes", decimal(reservation), "reservation");
  if (kernel) add("memory.kmem.limit_in_bytes", decimal(kernel), "kernel", { missing: NO_KERNEL_LIMIT });
  if (kernelTCP) add("memory.kmem.tcp.limit_in_bytes", decimal(kernelTCP), "kernelTCP", { missing: NO_KERNEL_LIMIT });
  if (swappiness !== undefined) add("memory.swappiness", decimal(swappiness), "swappiness");
  if (disableOOMKiller !== undefined) add("memory.oom_control", disableOOMKiller ? "1" : "0", "disableOOMKiller");
  return writes;
}
