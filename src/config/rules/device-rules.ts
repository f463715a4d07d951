import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
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

/** Letters beside those of the spec mean nothing, and other runtimes skip them; a rule of these alone is a mistake. */
function checkAccess(pointer: JsonPointer, access: string, found: Findings): void {
  if (/^[rwm]*$/.test(access)) return;
  const problem = { pointer, value: access, spec: SPEC, code: "DEVICE_RULE_ACCESS" } as const;
  if (/[rwm]/.test(access)) {
    const message = "has letters other than r (read), w (write) and m (mknod), which mean nothing";
    found.warning({ ...problem, message });
  } else {
    found.error({ ...problem, message: "must be made of r (read), w (write) and m (mknod)" });
  }
}
