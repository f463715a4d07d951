import { pointerTo } from "../../base/json-pointer.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { Findings } from "../findings.ts";
import type { NetDevice } from "../types.gen.ts";
import { addNamespace, eachDuplicate, namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#network-devices, netdevice(7). */
export const netDeviceRules: RuleArea = {
  about: ["/linux/netDevices"],
  also: ["/linux/namespaces"],
  check(config, found) {
    const devices = Object.entries(config.linux?.netDevices ?? {});
    if (devices.length > 0 && namespaceOf(config, "network") === undefined) {
      const place = { code: "NET_DEVICES_NAMESPACE", pointer: "/linux/netDevices", spec: SPEC } as const;
      const message = "needs a network namespace of the container's own to move into";
      found.error({ ...place, value: config.linux?.netDevices, message, fix: addNamespace("network") });
    }
    for (const [name, device] of devices) checkNames(name, device, found);
    const fixed = devices.filter((entry) => !targetOf(entry).includes("%"));
    eachDuplicate(fixed, targetOf, ([name], _index, first) => {
      const message = `gets the same name inside as "${fixed[first]?.[0]}"`;
      found.error({ code: "NET_DEVICE_DUPLICATE", pointer: pointerTo("/linux/netDevices", name), message, spec: SPEC });
    });
  },
};

const SPEC = "config-linux.md#network-devices";

const WHAT_NAMES_ARE = "1 to 15 bytes without slash, colon or white space";

function targetOf([name, device]: readonly [string, NetDevice]): string {
  return device.name || name;
}

function checkNames(name: string, device: NetDevice, found: Findings): void {
  const pointer = pointerTo("/linux/netDevices", name);
  if (!isInterfaceName(name)) {
    const message = `is no name of a network interface: it must be ${WHAT_NAMES_ARE}`;
    found.error({ code: "NET_DEVICE_NAME", pointer, value: name, message, spec: SPEC });
  } else if (name === "lo") {
    const message = "is the loopback device, which cannot leave its namespace: every container has its own";
    found.error({ code: "NET_DEVICE_LOOPBACK", pointer, value: name, message, spec: SPEC });
  }
  if (!device.name || (isInterfaceName(device.name) && /^(?!.*%)|^[^%]*%d$/.test(device.name))) return;
  const message = `must be ${WHAT_NAMES_ARE}, and may end in %d`;
  const place = { pointer: pointerTo(pointer, "name"), value: device.name, spec: SPEC } as const;
  found.error({ ...place, code: "NET_DEVICE_NAME", message });
}
