import { readTextIfExists } from "../../sys/files.ts";
import { limitsOf } from "../config-builder/resources.ts";
import { bundleHost } from "./bundle-host.ts";
import type { HostConfig } from "./container-config.ts";
import { usage } from "./request/usage.ts";

const NO_DEVICES = {
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
} as const;

/** Refuses limits that this host cannot keep, before a container is made. Throws EngineError. */
export function checkLimits(hostConfig: HostConfig): void {
  const { CpusetCpus, CpusetMems } = hostConfig;
  if (asksForAny(hostConfig)) limitsOf({ ...hostConfig, ...NO_DEVICES }, { host: bundleHost(), blockDevices: {} });
  checkList(CpusetCpus, { what: "CPUs", kind: "cpus", directory: "cpu" });
  checkList(CpusetMems, { what: "memory nodes", kind: "mems", directory: "node" });
}

function asksForAny(asked: HostConfig): boolean {
  const { Memory, MemorySwap, MemoryReservation, NanoCpus, CpuPeriod, CpuQuota } = asked;
  return [Memory, MemorySwap, MemoryReservation, NanoCpus, CpuPeriod, CpuQuota].some((limit) => limit !== 0);
}

interface CpusetFile {
  readonly what: string;
  readonly kind: "cpus" | "mems";
  readonly directory: "cpu" | "node";
}

function checkList(asked: string, { what, kind, directory }: CpusetFile): void {
  if (asked === "") return;
  const flag = `--cpuset-${kind}`;
  const wanted = numbersOf(asked);
  if (wanted === undefined) throw usage(`Invalid value ${asked} for cpuset ${kind}`, flag);
  const available = (readTextIfExists(`/sys/devices/system/${directory}/online`) ?? "").trim();
  const online = numbersOf(available);
  if (online === undefined || wanted.every((number) => online.includes(number))) return;
  throw usage(`Requested ${what} are not available - requested ${asked}, available: ${available}`, flag);
}

const MAX_NUMBER = 8191;

/** "0-2,4". Source: cpuset(7), "List format". */
function numbersOf(list: string): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of list.split(",")) {
    const [, first, last = first] = /^([0-9]{1,4})(?:-([0-9]{1,4}))?$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) > MAX_NUMBER) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) numbers.add(number);
  }
  return [...numbers];
}
