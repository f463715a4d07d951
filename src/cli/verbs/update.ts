import type { ResourceChanges, UpdateOptions } from "../../runtime/index.ts";
import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";
import type { Call } from "../call.ts";

type Flags = Call<"update">["flags"];

export const act: Act<"update"> = ({ args: [id], flags }, { runtime, context, cwd }) => {
  const { "l3-cache-schema": l3CacheSchema, "mem-bw-schema": memBwSchema } = flags;
  const rdt = { ...(l3CacheSchema && { l3CacheSchema }), ...(memBwSchema && { memBwSchema }) };
  return runtime.updateContainer(context, { id, resources: resourcesOf(flags, cwd), rdt });
};

/** With a file nothing else counts, as callers of runc know it. */
function resourcesOf(flags: Flags, cwd: string): UpdateOptions["resources"] {
  if (flags.resources) return { file: flags.resources === "-" ? "-" : absolutePath(cwd, flags.resources) };
  const changes: Partial<Record<keyof ResourceChanges, string>> = {};
  for (const [name, flag] of Object.entries(FLAG_OF)) {
    const value = flags[flag];
    if (value) changes[name as keyof ResourceChanges] = value; // a key of the table
  }
  return changes;
}

const FLAG_OF: Readonly<Record<keyof ResourceChanges, keyof Flags>> = {
  blkioWeight: "blkio-weight",
  cpuPeriod: "cpu-period",
  cpuQuota: "cpu-quota",
  cpuBurst: "cpu-burst",
  cpuShare: "cpu-share",
  cpuRtPeriod: "cpu-rt-period",
  cpuRtRuntime: "cpu-rt-runtime",
  cpuIdle: "cpu-idle",
  cpusetCpus: "cpuset-cpus",
  cpusetMems: "cpuset-mems",
  memory: "memory",
  memoryReservation: "memory-reservation",
  memorySwap: "memory-swap",
  kernelMemory: "kernel-memory",
  kernelMemoryTcp: "kernel-memory-tcp",
  pidsLimit: "pids-limit",
};
