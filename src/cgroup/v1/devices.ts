import type { Origin } from "../../base/origin.ts";
import type { Problem } from "../../base/problem.ts";
import { shownValue } from "../../base/problem.ts";
import type { DeviceRule as DeviceRuleConfig } from "../../config/types.gen.ts";
import type { CgroupWrite, FileWrite } from "../cgroup-plan.ts";
import { accessText } from "../device-rules.ts";
import type { Target } from "../target.ts";
import type { DeviceList } from "./device-list.ts";
import { exceptionText, rangeText } from "./device-list.ts";

/**
 * Compiles the device list for a new v1 cgroup, which has its parent's list: everything is denied first, then the
 * exceptions are allowed. Writing "a" fails with EINVAL while the cgroup has children.
 * Source: config-linux.md#allowed-device-list, the kernel's cgroup-v1/devices.rst.
 */
export function compileDevicesV1(list: DeviceList, target: Target): readonly CgroupWrite[] {
  if (list.allowByDefault) return list.exceptions.map((exception) => entry(target, list, exception));
  return rewrite(list, target);
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

/**
 * Compiles the change from a list as devices.list shows it: new entries are allowed before old ones are taken away, so
 * that what both lists allow is allowed all the time. Only from "all denied" is every exception known; from and
 * to "all allowed" the list is written anew.
 */
export function changeDevicesV1(present: string, list: DeviceList, target: Target): readonly CgroupWrite[] {
  const lines = present.split("\n").filter((line) => line !== "");
  if (lines.includes("a *:* rwm") || list.allowByDefault) return rewrite(list, target);
  const wanted = new Map(list.exceptions.map((exception) => [rangeText(exception), exception]));
  const writes: CgroupWrite[] = [];
  for (const [range, { access, from }] of wanted) {
    const known = lines.find((line) => line.startsWith(`${range} `))?.slice(range.length + 1) ?? "";
    const missing = without(accessText(access), known);
    if (missing !== "") writes.push(change(target, "allow", `${range} ${missing}`, from));
  }
  for (const line of lines) {
    const range = line.slice(0, line.lastIndexOf(" "));
    const surplus = without(line.slice(range.length + 1), accessText(wanted.get(range)?.access ?? 0));
    if (surplus !== "") writes.push(change(target, "deny", `${range} ${surplus}`, list.from));
  }
  return writes;
}

/** What both kinds of list are reached by from any other. */
function rewrite(list: DeviceList, target: Target): readonly CgroupWrite[] {
  const all = change(target, list.allowByDefault ? "allow" : "deny", "a", list.from);
  return [all, ...list.exceptions.map((exception) => entry(target, list, exception))];
}

/** The letters of `access` that are not in `other`. */
function without(access: string, other: string): string {
  return [...access].filter((letter) => !other.includes(letter)).join("");
}
