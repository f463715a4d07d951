import type { DeviceRule as DeviceRuleConfig } from "../../config/types.gen.ts";
import { ANY, accessText, deviceRules } from "../device-rules.ts";
import { type DeviceException, deviceListOf } from "../v1/device-list.ts";
import { pairsProperty, textProperty, type UnitProperty } from "./unit-property.ts";

/**
 * A device list as systemd has it: what is allowed, and nothing else. On v2 its program is asked beside the container's
 * own one, so it allows at least as much: what it has no words for, it leaves to that one. On v1 it writes the
 * container's own list anew, at a daemon-reload for one, so it allows at most as much there. Source:
 * systemd.resource-control(5), DeviceAllow=; org.freedesktop.systemd1(5).
 */
export function deviceProperties(
  devices: readonly DeviceRuleConfig[] | undefined,
  isUnified: boolean,
): readonly UnitProperty[] {
  const list = deviceListOf(deviceRules(devices));
  if (!list.allowByDefault) return strict(list.exceptions, isUnified);
  if (isUnified || list.exceptions.length === 0) return [policy("auto"), NOTHING_ALLOWED];
  return strict(deviceListOf(deviceRules()).exceptions, isUnified);
}

/** The list of an update. */
export function changedDeviceProperties(
  devices: readonly DeviceRuleConfig[],
  isUnified: boolean,
): readonly UnitProperty[] {
  if (!isUnified || !deviceRules(devices).allowByDefault) return deviceProperties(devices, isUnified);
  return [policy("strict"), NOTHING_ALLOWED, EVERYTHING_ALLOWED];
}

/** Without a policy systemd attaches no program, but leaves one that it has attached before where it is. */
const EVERYTHING_ALLOWED = pairsProperty("DeviceAllow", [
  ["char-*", "rwm"],
  ["block-*", "rwm"],
]);

/** A list adds to the one that is there, until it is emptied. */
const NOTHING_ALLOWED = pairsProperty("DeviceAllow", []);

function policy(word: "auto" | "strict"): UnitProperty {
  return textProperty("DevicePolicy", word);
}

/** Of entries for the same devices systemd keeps the last one. */
function strict(exceptions: readonly DeviceException[], isUnified: boolean): readonly UnitProperty[] {
  const allowed = new Map<string, number>();
  for (const exception of exceptions) {
    const device = deviceText(exception, isUnified);
    if (device !== undefined) allowed.set(device, (allowed.get(device) ?? 0) | exception.access);
  }
  const pairs = [...allowed].map(([device, access]) => [device, accessText(access)] as const);
  return [policy("strict"), NOTHING_ALLOWED, pairsProperty("DeviceAllow", pairs)];
}

/** One minor number of every major one is nothing that systemd can say. */
function deviceText({ type, major, minor }: DeviceException, isUnified: boolean): string | undefined {
  const kind = type === "b" ? "block" : "char";
  if (major === ANY) return minor === ANY || isUnified ? `${kind}-*` : undefined;
  return minor === ANY ? `${kind}-${major}` : `/dev/${kind}/${major}:${minor}`;
}
