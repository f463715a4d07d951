import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { BlockIoLimits } from "../types.gen.ts";
import { isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#block-io. */
export const blockIoRules: RuleArea = {
  about: ["/linux/resources/blockIO"],
  check({ linux }, found) {
    const blockIO = linux?.resources?.blockIO;
    if (blockIO === undefined) return;
    checkWeights(PLACE, blockIO, found);
    checkWeightDevices(blockIO, found);
    for (const kind of THROTTLES) checkThrottles(kind, blockIO, found);
  },
};

const PLACE: JsonPointer = "/linux/resources/blockIO";
const SPEC = "config-linux.md#block-io";
const THROTTLES = [
  "throttleReadBpsDevice",
  "throttleWriteBpsDevice",
  "throttleReadIOPSDevice",
  "throttleWriteIOPSDevice",
] as const;

/** 0 leaves the weight alone. Source: the kernel's cgroup-v1/blkio-controller document. */
const WEIGHT = { min: 10, max: 1000 };

function checkWeights(
  pointer: JsonPointer,
  weights: Pick<BlockIoLimits, "leafWeight" | "weight">,
  found: Findings,
): void {
  for (const member of ["weight", "leafWeight"] as const) {
    const value = weights[member] ?? 0;
    if (value === 0 || isWithin(value, WEIGHT.min, WEIGHT.max)) continue;
    const place = { pointer: pointerTo(pointer, member), value, spec: SPEC } as const;
    found.error({ ...place, code: "BLOCK_IO_WEIGHT", message: `must be from ${WEIGHT.min} to ${WEIGHT.max}` });
  }
}

function checkWeightDevices({ weightDevice = [] }: BlockIoLimits, found: Findings): void {
  for (const [index, device] of weightDevice.entries()) {
    const pointer = pointerTo(PLACE, "weightDevice", index);
    checkNumbers(pointer, device, found);
    checkWeights(pointer, device, found);
    if (device.weight !== undefined || device.leafWeight !== undefined) continue;
    const message = "must have weight, leafWeight or both";
    found.error({ code: "BLOCK_IO_WEIGHT_MISSING", pointer, value: device, message, spec: SPEC });
  }
}

function checkThrottles(kind: (typeof THROTTLES)[number], blockIO: BlockIoLimits, found: Findings): void {
  for (const [index, device] of (blockIO[kind] ?? []).entries()) {
    const pointer = pointerTo(PLACE, kind, index);
    checkNumbers(pointer, device, found);
    if (device.rate !== undefined) continue;
    const message = "is required: 0 is no limit";
    found.error({ code: "BLOCK_IO_RATE_MISSING", pointer: pointerTo(pointer, "rate"), message, spec: SPEC });
  }
}

/** The kernel's dev_t: 12 bits and 20 bits. Source: include/linux/kdev_t.h of Linux 6.18. */
const NUMBER_MAX = { major: 0xfff, minor: 0xf_ffff };

function checkNumbers(
  pointer: JsonPointer,
  device: { readonly major: number; readonly minor: number },
  found: Findings,
): void {
  for (const member of ["major", "minor"] as const) {
    const value = device[member];
    if (isWithin(value, 0, NUMBER_MAX[member])) continue;
    const place = { pointer: pointerTo(pointer, member), value, spec: SPEC } as const;
    found.error({ ...place, code: "BLOCK_IO_DEVICE", message: `must be from 0 to ${NUMBER_MAX[member]}` });
  }
}
