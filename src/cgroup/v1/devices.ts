import type { Origin } from "../../base/origin.ts";
import type { Problem } from "../../base/problem.ts";
import { shownValue } from "../../base/problem.ts";
import type { DeviceRule as DeviceRuleConfig } from "../../config/types.gen.ts";
import type { CgroupWrite, FileWrite } from "../cgroup-plan.ts";
import type { Target } from "../target.ts";
import type { DeviceList } from "./device-list.ts";
import { exceptionText } from "./device-list.ts";

/**
 * Compiles the device list for a new v1 cgroup, which has its parent's list: everything is denied first, then the
 * exceptions are allowed. Writing "a" fails with EINVAL while the cgroup has children.
 * Source: config-linux.md#allowed-device-list, the kernel's cgroup-v1/devices.rst.
 */
export function compileDevicesV1(list: DeviceList, target: Target): readonly CgroupWrite[] {
  if (list.allowByDefault) return list.exceptions.map((exception) => entry(target, list, exception));
  return [
    change(target, "deny", "a", list.from),
    ...list.exceptions.map((exception) => entry(target, list, exception)),
  ];
}

/** Rules that v1 has no words for; `devices` is the config's list, for its values. */
export function deviceProblemsV1(list: DeviceList, devices: readonly DeviceRuleConfig[] = []): readonly Problem[] {
  return list.holes.flatMap(({ rule, exception }) => {
    // A hole made by an implied rule is the fault of the exception, which then comes from the config.
    const [from, message] = "config" in rule.from ? [rule.from, PARTIAL] : [exception.from, REQUIRED];
    if (!("config" in from)) return [];
    const index = Number(from.config.slice(from.config.lastIndexOf("/") + 1));
    return [
      {
        code: "DEVICE_RULE_HOLE",
        severity: "error",
        pointer: from.config,
        value: shownValue(devices[index]),
        message,
        fix: "list single devices where a rule covers many",
        spec: "config-linux.md#allowed-device-list",
      },
    ];
  });
}

const PARTIAL =
  "speaks of a part of what an earlier rule covers as a whole, which the v1 devices controller cannot express";
const REQUIRED = "denies devices that every container must have and others with them, which v1 cannot tell apart";

function entry(target: Target, list: DeviceList, exception: DeviceList["exceptions"][number]): FileWrite {
  return change(target, list.allowByDefault ? "deny" : "allow", exceptionText(exception), exception.from);
}

function change(target: Target, verb: "allow" | "deny", value: string, from: Origin): FileWrite {
  return { kind: "write", path: `${target.directory}/devices.${verb}`, value, from, when: "always" };
}
