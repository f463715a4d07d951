import { parseIdList } from "../../linux/id-list.ts";
import type { PlanDraft } from "../draft.ts";
import type { Process } from "../plan-input.ts";

/** Where the process may run until it is in the container's cgroups. Source: config.md#linux-process, execCPUAffinity. */
export function addInitialAffinity(draft: PlanDraft, { execCPUAffinity }: Process): void {
  const initial = execCPUAffinity?.initial ?? "";
  if (initial === "") return;
  draft.add("parent", { config: "/process/execCPUAffinity/initial" }, { op: "sched.affinity", cpus: maskOf(initial) });
}

/** Where it may run from then on: without an own list, wherever the cgroups allow. */
export function addFinalAffinity(draft: PlanDraft, { execCPUAffinity }: Process): void {
  const { final = "" } = execCPUAffinity ?? {};
  if (final === "") addEveryCpu(draft, "intermediate");
  else addAffinity(draft, final);
}

function addAffinity(draft: PlanDraft, final: string): void {
  const from = { config: "/process/execCPUAffinity/final" } as const;
  draft.add("intermediate", from, { op: "sched.affinity", cpus: maskOf(final) });
}

/** The caller's own affinity, which kernels since 6.2 keep in a new cpuset, is none of the container's business. */
export function addEveryCpu(draft: PlanDraft, at: "intermediate" | "init"): void {
  draft.add(at, { implied: "config-linux.md#cpu" }, { op: "sched.affinity", cpus: "" });
}

const MASK_BYTES = 1024;

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
