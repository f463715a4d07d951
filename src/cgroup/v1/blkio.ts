import type { BlockIoLimits, Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { Target, WriteOptions } from "../target.ts";
import { resource, write } from "../target.ts";

const NO_WEIGHT = "the kernel has no I/O scheduler with weights for v1 (CONFIG_BFQ_GROUP_IOSCHED)";
const NO_LEAF_WEIGHT = "only the CFQ scheduler had leaf weights, and kernels since 5.0 do not have it";

/** What CFQ's files, up to kernel 4.20, are called by BFQ. */
const BFQ_FILES: Readonly<Record<string, string>> = {
  "blkio.weight": "blkio.bfq.weight",
  "blkio.weight_device": "blkio.bfq.weight_device",
};

/** The config's four lists of limits and their files. Source: the kernel's cgroup-v1/blkio-controller.rst. */
const THROTTLE_FILES = {
  throttleReadBpsDevice: "blkio.throttle.read_bps_device",
  throttleWriteBpsDevice: "blkio.throttle.write_bps_device",
  throttleReadIOPSDevice: "blkio.throttle.read_iops_device",
  throttleWriteIOPSDevice: "blkio.throttle.write_iops_device",
} as const;

/** Compiles linux.resources.blockIO for v1. Source: config-linux.md#block-io, cgroup-v1/blkio-controller.rst. */
export function compileBlkioV1(resources: Resources, target: Target): readonly CgroupWrite[] {
  const { blockIO } = resources;
  if (blockIO === undefined) return [];
  return [...weights(blockIO, target), ...throttles(blockIO, target)];
}

function weights(blockIO: BlockIoLimits, target: Target): readonly CgroupWrite[] {
  const { weight, leafWeight, weightDevice = [] } = blockIO;
  const writes: CgroupWrite[] = [];
  const add = (file: string, value: string, ...path: readonly (string | number)[]) =>
    writes.push(write(target, file, value, resource("blockIO", ...path), weightOptions(file)));
  if (weight) add("blkio.weight", decimal(weight), "weight");
  if (leafWeight) add("blkio.leaf_weight", decimal(leafWeight), "leafWeight");
  for (const [index, device] of weightDevice.entries()) {
    const number = `${device.major}:${device.minor}`;
    if (device.weight) add("blkio.weight_device", `${number} ${device.weight}`, "weightDevice", index, "weight");
    if (device.leafWeight) {
      add("blkio.leaf_weight_device", `${number} ${device.leafWeight}`, "weightDevice", index, "leafWeight");
    }
  }
  return writes;
}

function weightOptions(file: string): WriteOptions {
  const orElse = BFQ_FILES[file];
  return orElse === undefined ? { missing: NO_LEAF_WEIGHT } : { orElse, missing: NO_WEIGHT };
}

function throttles(blockIO: BlockIoLimits, target: Target): readonly CgroupWrite[] {
  const writes: CgroupWrite[] = [];
  for (const [member, file] of Object.entries(THROTTLE_FILES)) {
    // Object.entries widens the table's keys, which are those of its literal.
    const devices = blockIO[member as keyof typeof THROTTLE_FILES] ?? [];
    for (const [index, { major, minor, rate }] of devices.entries()) {
      if (rate === undefined) continue;
      writes.push(write(target, file, `${major}:${minor} ${decimal(rate)}`, resource("blockIO", member, index)));
    }
  }
  return writes;
}
