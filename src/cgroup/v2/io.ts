import type { BlockIoLimits, Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { Target } from "../target.ts";
import { resource, write } from "../target.ts";

const NO_WEIGHT = "the kernel has neither I/O cost control nor the BFQ scheduler for cgroups";

/** The config's four lists of limits and their keys in io.max. Source: the kernel's cgroup-v2.rst, "IO". */
const THROTTLE_KEYS = {
  throttleReadBpsDevice: "rbps",
  throttleWriteBpsDevice: "wbps",
  throttleReadIOPSDevice: "riops",
  throttleWriteIOPSDevice: "wiops",
} as const;

/** Compiles linux.resources.blockIO for v2. Source: config-linux.md#block-io, the kernel's cgroup-v2.rst, "IO". */
export function compileIoV2(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { blockIO } = resources;
  if (blockIO === undefined) return [];
  return [...weights(blockIO, target), ...throttles(blockIO, target)];
}

/** blkio's weight, from 10 to 1000, as io.weight, from 1 to 10000. Source: the conversion that runc and crun agree on. */
export function ioWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

/** BFQ takes the config's weight as it is, I/O cost control a converted one. */
function weights({ weight, weightDevice = [] }: BlockIoLimits, target: Target): readonly CgroupWrite[] {
  const writes: CgroupWrite[] = [];
  const add = (prefix: string, value: number, ...path: readonly (string | number)[]) => {
    const options = { orElse: "io.weight", orElseValue: `${prefix}${ioWeight(value)}`, missing: NO_WEIGHT };
    writes.push(write(target, "io.bfq.weight", `${prefix}${value}`, resource("blockIO", ...path), options));
  };
  if (weight) add("", weight, "weight");
  for (const [index, device] of weightDevice.entries()) {
    if (device.weight) add(`${device.major}:${device.minor} `, device.weight, "weightDevice", index, "weight");
  }
  return writes;
}

/** A rate of 0 lifts a limit in v1 and is no valid value in v2, where "max" does that. */
function throttles(blockIO: BlockIoLimits, target: Target): readonly CgroupWrite[] {
  const writes: CgroupWrite[] = [];
  for (const [member, key] of Object.entries(THROTTLE_KEYS)) {
    // Object.entries widens the table's keys, which are those of its literal.
    const devices = blockIO[member as keyof typeof THROTTLE_KEYS] ?? [];
    for (const [index, { major, minor, rate }] of devices.entries()) {
      if (rate === undefined) continue;
      const value = `${major}:${minor} ${key}=${rate ? decimal(rate) : "max"}`;
      writes.push(write(target, "io.max", value, resource("blockIO", member, index)));
    }
  }
  return writes;
}
