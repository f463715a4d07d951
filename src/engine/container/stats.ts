import { humanBinarySize, humanSize } from "../base/human-size.ts";
import type { EngineContext } from "./engine-context.ts";
import type { ContainerRecord } from "./record.ts";
import { runtimeDriver } from "./runtime-driver.ts";
import { livePid } from "./status.ts";

/** What a container has used until now. */
export interface Usage {
  readonly atMs: number;
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
  readonly memoryLimit: number;
  readonly processes: number;
  readonly received: number;
  readonly sent: number;
  readonly read: number;
  readonly written: number;
}

/** Undefined for a container that does not run. */
export async function readUsage(
  { paths, warn }: EngineContext,
  { id, hostConfig }: ContainerRecord,
): Promise<Usage | undefined> {
  if (livePid(paths, id) === undefined) return undefined;
  const driver = runtimeDriver(paths, hostConfig.Runtime, warn);
  if (driver.kind === "foreign") return undefined;
  const { containerStats } = await import("../../runtime/index.ts");
  const { cpu, memory, pids, blkio, network_interfaces: interfaces } = await containerStats(driver.context, { id });
  const total = (name: "RxBytes" | "TxBytes") =>
    (interfaces ?? []).filter(({ Name }) => Name !== "lo").reduce((sum, one) => sum + Number(one[name]), 0);
  const blocks = (op: string) =>
    (blkio?.ioServiceBytesRecursive ?? [])
      .filter((one) => one.op?.toLowerCase() === op)
      .reduce((sum, { value }) => sum + Number(value ?? 0), 0);
  return {
    atMs: performance.now(),
    cpuNanoseconds: Number(cpu?.usage?.total ?? 0),
    memoryBytes: Number(memory?.usage?.usage ?? 0),
    memoryLimit: Math.min(
      Number(memory?.usage?.limit ?? 0) || Number.POSITIVE_INFINITY,
      process.getBuiltinModule("node:os").totalmem(),
    ),
    processes: Number(pids?.current ?? 0),
    received: total("RxBytes"),
    sent: total("TxBytes"),
    read: blocks("read"),
    written: blocks("write"),
  };
}

/** The columns of `stats`. Pure. */
export function usageRow(before: Usage | undefined, after: Usage | undefined) {
  if (before === undefined || after === undefined) {
    return { CPUPerc: "--", MemUsage: "-- / --", MemPerc: "--", NetIO: "--", BlockIO: "--", PIDs: "--" };
  }
  const cpu = ((after.cpuNanoseconds - before.cpuNanoseconds) / ((after.atMs - before.atMs) * 1e6)) * 100;
  return {
    CPUPerc: `${Math.max(0, cpu).toFixed(2)}%`,
    MemUsage: `${humanBinarySize(after.memoryBytes)} / ${humanBinarySize(after.memoryLimit)}`,
    MemPerc: `${((after.memoryBytes / after.memoryLimit) * 100).toFixed(2)}%`,
    NetIO: `${humanSize(after.received)} / ${humanSize(after.sent)}`,
    BlockIO: `${humanSize(after.read)} / ${humanSize(after.written)}`,
    PIDs: String(after.processes),
  };
}
