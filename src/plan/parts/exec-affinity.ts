import { parseIdList } from "../../linux/id-list.ts";
import type { PlanDraft } from "../draft.ts";
import type { Process } from "../plan-input.ts";

/** Where the process may run until it is in the container's cgroups. Source: config.md#linux-process, execCPUAffinity. */
export function addInitialAffinity(draft: PlanDraft, { execCPUAffinity }: Process): void {
  const initial = execCPUAffinity?.initial ?? "";
  if (initial === "") return;
  draft.add("parent", { config: "/process/execCPUAffinity/initial" }, { op: "sched.affinity", cpus: maskOf(initial) });
}

/** Where it may run from then on: without an own list, wherever the cgroups allow, which kernels since 6.2 do not reset. */
export function addFinalAffinity(draft: PlanDraft, { execCPUAffinity }: Process): void {
  if (execCPUAffinity === undefined) return;
  const { final = "" } = execCPUAffinity;
  const cpus = final === "" ? EVERY_CPU : maskOf(final);
  draft.add("intermediate", { config: "/process/execCPUAffinity/final" }, { op: "sched.affinity", cpus });
}

const MASK_BYTES = 1024;
const EVERY_CPU = "ff".repeat(MASK_BYTES);

/** A bit for each processor, the lowest first, in hexadecimal. Source: sched_setaffinity(2). */
function maskOf(list: string): string {
  const bytes = new Uint8Array(MASK_BYTES);
  let size = 0;
  for (const [first, last] of parseIdList(list) ?? []) {
    for (let cpu = first; cpu <= last; cpu++) bytes[cpu >> 3] = (bytes[cpu >> 3] ?? 0) | (1 << (cpu & 7));
    size = Math.max(size, (last >> 3) + 1);
  }
  return Array.from(bytes.subarray(0, size), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
