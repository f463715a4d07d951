import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import { deviceNodePath } from "../../linux/devices.ts";
import type { Findings } from "../findings.ts";
import type { Device } from "../types.gen.ts";
import { eachDuplicate, isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#devices, mknod(2). */
export const deviceRules: RuleArea = {
  about: ["/linux/devices"],
  check({ linux }, found) {
    const devices = linux?.devices ?? [];
    for (const [index, device] of devices.entries()) checkDevice(pointerTo("/linux/devices", index), device, found);
    eachDuplicate(
      devices,
      ({ path }) => deviceNodePath(path),
      (device, index, first) => {
        const earlier = devices[first];
        if (earlier === undefined || nodeOf(earlier) === nodeOf(device)) return;
        found.error({
          code: "DEVICE_PATH_DUPLICATE",
          pointer: pointerTo("/linux/devices", index, "path"),
          value: device.path,
          message: `is another device than /linux/devices/${first} puts there`,
          spec: SPEC,
        });
      },
    );
  },
};

const SPEC = "config-linux.md#devices";

/** The kernel's dev_t: 12 bits and 20 bits. Source: include/linux/kdev_t.h of Linux 6.18. */
const NUMBER_MAX = { major: 0xfff, minor: 0xf_ffff };

function checkDevice(pointer: JsonPointer, device: Device, found: Findings): void {
  if (!device.path.startsWith("/")) {
    const place = { pointer: pointerTo(pointer, "path"), value: device.path, spec: SPEC } as const;
    found.error({ ...place, code: "DEVICE_PATH_RELATIVE", message: "must be an absolute path" });
  }
  if (device.type === "p") return;
  for (const number of ["major", "minor"] as const) {
    const value = device[number];
    const place = { pointer: pointerTo(pointer, number), value, spec: SPEC } as const;
    if (value === undefined) {
      const message = 'is required: only a device of type "p" has no numbers';
      found.error({ ...place, code: "DEVICE_NUMBER_MISSING", message });
    } else if (!isWithin(value, 0, NUMBER_MAX[number])) {
      found.error({ ...place, code: "DEVICE_NUMBER_RANGE", message: `must be from 0 to ${NUMBER_MAX[number]}` });
    }
  }
}

/** What mknod makes of it: "u" is another letter for "c", and pipes are all alike. */
function nodeOf({ type, major = 0, minor = 0 }: Device): string {
  return type === "p" ? "p" : `${type === "b" ? "b" : "c"} ${major}:${minor}`;
}
