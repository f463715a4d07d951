import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import { deviceAccessFault } from "../../linux/device-access.ts";
import type { Findings } from "../findings.ts";
import type { DeviceRule } from "../types.gen.ts";
import { isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#allowed-device-list. */
export const deviceListRules: RuleArea = {
  about: ["/linux/resources/devices"],
  check({ linux }, found) {
    for (const [index, rule] of (linux?.resources?.devices ?? []).entries()) {
      checkRule(pointerTo("/linux/resources/devices", index), rule, found);
    }
  },
};

const SPEC = "config-linux.md#allowed-device-list";

/** Callers in Go write -1 for all. */
const ALL = -1;
const NUMBER_MAX = 0xffff_ffff;

function checkRule(pointer: JsonPointer, rule: DeviceRule, found: Findings): void {
  const { type = "", access = "" } = rule;
  // "u" is another letter for "c", as in linux.devices; an empty text is an absent one.
  if (!["", "a", "b", "c", "u"].includes(type)) {
    const place = { pointer: pointerTo(pointer, "type"), value: type, spec: SPEC } as const;
    found.error({ ...place, code: "DEVICE_RULE_TYPE", message: 'must be "a" (all), "c" (character) or "b" (block)' });
  }
  checkAccess(pointerTo(pointer, "access"), access, found);
  for (const member of ["major", "minor"] as const) {
    const value = rule[member] ?? ALL;
    if (isWithin(value, ALL, NUMBER_MAX)) continue;
    const place = { pointer: pointerTo(pointer, member), value, spec: SPEC } as const;
    found.error({ ...place, code: "DEVICE_RULE_NUMBER", message: `must be a device number, or ${ALL} for all` });
  }
}

function checkAccess(pointer: JsonPointer, access: string, found: Findings): void {
  const fault = deviceAccessFault(access);
  if (fault === undefined) return;
  const { severity, ...words } = fault;
  found[severity]({ code: "DEVICE_RULE_ACCESS", pointer, value: access, spec: SPEC, ...words });
}
