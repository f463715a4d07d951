import { writeAtomic } from "../../sys/files.ts";
import { EngineError } from "../base/errors.ts";
import { parseInteger, parseSize } from "../base/parse-size.ts";
import { limitsOf } from "../config-builder/resources.ts";
import { bundleHost } from "./bundle-host.ts";
import { checkLimits } from "./check-limits.ts";
import type { HostConfig } from "./container-config.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import { parseCpus, parseSwap } from "./request/host-config.ts";
import { parseRestart } from "./request/restart.ts";
import { callProgram, runtimeDriver } from "./runtime-driver.ts";
import { livePid } from "./status.ts";
import { openContainer, runDirectory, writeContainer } from "./store.ts";

/** The flags of `update`, as they were written. */
export interface UpdateFlags {
  readonly memory?: string;
  readonly "memory-swap"?: string;
  readonly "memory-reservation"?: string;
  readonly cpus?: string;
  readonly "cpu-shares"?: string;
  readonly "cpu-period"?: string;
  readonly "cpu-quota"?: string;
  readonly "cpuset-cpus"?: string;
  readonly "cpuset-mems"?: string;
  readonly "cpu-rt-period"?: string;
  readonly "cpu-rt-runtime"?: string;
  readonly "pids-limit"?: string;
  readonly "blkio-weight"?: string;
  readonly restart?: string;
}

/** Changes a container's limits, at once where it runs. Throws EngineError, and what the runtime says. */
export async function updateContainerLimits(context: EngineContext, id: string, flags: UpdateFlags): Promise<void> {
  const { paths } = context;
  const { record, lock } = openContainer(paths, id);
  try {
    const hostConfig = { ...record.hostConfig, ...changedLimits(flags) };
    if (hostConfig.AutoRemove && hostConfig.RestartPolicy.Name !== "no") {
      throw new EngineError("Restart policy cannot be updated because AutoRemove is enabled for the container", {
        code: "ERR_CONFLICT",
      });
    }
    checkLimits(hostConfig);
    const changed = { ...record, hostConfig };
    if (livePid(paths, id) !== undefined) await apply(context, changed.id, hostConfig);
    writeContainer(paths, changed);
    noteContainerEvent(paths, changed, "update");
  } finally {
    lock.release();
  }
}

async function apply({ paths, warn }: EngineContext, id: string, hostConfig: HostConfig): Promise<void> {
  const value = limitsOf(hostConfig, { host: bundleHost(), blockDevices: {} });
  const driver = runtimeDriver(paths, hostConfig.Runtime, warn);
  if (driver.kind === "own") {
    const { updateContainer } = await import("../../runtime/index.ts");
    await updateContainer(driver.context, { id, resources: { value } });
    return;
  }
  const file = `${runDirectory(paths, id)}/resources.json`;
  writeAtomic(file, JSON.stringify(value), 0o600);
  if (callProgram(driver, ["update", "--resources", file, id]) !== 0)
    throw new EngineError(`Cannot update container ${id}`);
}

/** Pure: the members that the flags name. */
export function changedLimits(flags: UpdateFlags): Partial<HostConfig> {
  const number = (name: keyof UpdateFlags, member: keyof HostConfig) => {
    const text = flags[name];
    return text === undefined ? {} : { [member]: parseInteger(text, `--${name}`) };
  };
  return {
    ...(flags.memory !== undefined && { Memory: parseSize(flags.memory, "--memory") }),
    ...(flags["memory-swap"] !== undefined && { MemorySwap: parseSwap(flags["memory-swap"]) }),
    ...(flags["memory-reservation"] !== undefined && {
      MemoryReservation: parseSize(flags["memory-reservation"], "--memory-reservation"),
    }),
    ...(flags.cpus !== undefined && { NanoCpus: parseCpus(flags.cpus) }),
    ...number("cpu-shares", "CpuShares"),
    ...number("cpu-period", "CpuPeriod"),
    ...number("cpu-quota", "CpuQuota"),
    ...number("cpu-rt-period", "CpuRealtimePeriod"),
    ...number("cpu-rt-runtime", "CpuRealtimeRuntime"),
    ...number("pids-limit", "PidsLimit"),
    ...number("blkio-weight", "BlkioWeight"),
    ...(flags["cpuset-cpus"] !== undefined && { CpusetCpus: flags["cpuset-cpus"] }),
    ...(flags["cpuset-mems"] !== undefined && { CpusetMems: flags["cpuset-mems"] }),
    ...(flags.restart !== undefined && { RestartPolicy: parseRestart(flags.restart) }),
  };
}
