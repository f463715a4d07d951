import type { CgroupWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { BlockIoResources, Resources } from "../resources.ts";
import type { Target, WriteOptions } from "../target.ts";
import { resource, write } from "../target.ts";

const NO_WEIGHT = "the kernel has no I/O scheduler with weights for v1 (CONFIG_BFQ_GROUP_IOSCHED)";
const NO_LEAF_WEIGHT = "only the CFQ scheduler had leaf weights, and kernels since 5.0 do not have it";

/** The weights' own files were CFQ's, up to kernel 4.20; BFQ's are named after it. */
const WEIGHT: WriteOptions = { orElse: "blkio.bfq.weight", missing: NO_WEIGHT };
const WEIGHT_DEVICE: WriteOptions = { orElse: "blkio.bfq.weight_device", missing: NO_WEIGHT };
const LEAF_WEIGHT: WriteOptions = { missing: NO_LEAF_WEIGHT };

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

function weights(blockIO: BlockIoResources, target: Target): readonly CgroupWrite[] {
  const { weight, leafWeight, weightDevice = [] } = blockIO;
  const writes: CgroupWrite[] = [];
  const add = (file: string, value: string, path: readonly (string | number)[], options: WriteOptions) =>
    writes.push(write(target, file, value, resource("blockIO", ...path), options));
  if (weight) add("blkio.weight", decimal(weight), ["weight"], WEIGHT);
  if (leafWeight) add("blkio.leaf_weight", decimal(leafWeight), ["leafWeight"], LEAF_WEIGHT);
  for (const [index, device] of weightDevice.entries()) {
    const number = `${device.major}:${device.minor}`;
    const place = ["weightDevice", index] as const;
    if (device.weight) {
      add("blkio.weight_device", `${number} ${device.weight}`, [...place, "weight"], WEIGHT_DEVICE);
    }
    if (device.leafWeight) {
      add("blkio.leaf_weight_device", `${number} ${device.leafWeight}`, [...place, "leafWeight"], LEAF_WEIGHT);
    }
  }
  return writes;
}

function throttles(blockIO: BlockIoResources, target: Target): readonly CgroupWrite[] {
  const writes: CgroupWrite[] = [];
  for (const [member, file] of Object.entries(THROTTLE_FILES)) {
    // Object.entries widens the table's keys, which are those of its literal.
    const devices = blockIO[member as keyof typeof THROTTLE_FILES] ?? [];
    for (const [index, { major, minor, rate }] of devices.entries()) {
      writes.push(write(target, file, `${major}:${minor} ${decimal(rate)}`, resource("blockIO", member, index)));
    }
  }
  return writes;
}
