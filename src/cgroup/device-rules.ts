import type { Origin } from "../base/origin.ts";
import type { Problem } from "../base/problem.ts";
import { shownValue } from "../base/problem.ts";
import type { DeviceRule as DeviceRuleConfig } from "../config/types.gen.ts";
import { deviceAccessFault } from "../linux/device-access.ts";
import { IMPLICIT_DEVICE_ACCESS } from "../linux/devices.ts";
import { resource } from "./target.ts";

/** Every number. */
export const ANY = -1;

/** What a rule or a request may hold: bits of the kernel's devices. Source: struct bpf_cgroup_dev_ctx, linux/bpf.h. */
export const MKNOD = 1;
export const READ = 2;
export const WRITE = 4;
const FULL = MKNOD | READ | WRITE;

/** One rule for one kind of device; the last rule that matches a device and an access decides. */
export interface DeviceRule {
  readonly allow: boolean;
  readonly type: "b" | "c";
  /** A number or ANY. */
  readonly major: number;
  readonly minor: number;
  /** MKNOD, READ and WRITE, or'ed. */
  readonly access: number;
  readonly from: Origin;
}

/** A device list in order: first `allowByDefault` for whatever no rule matches, then the rules. */
export interface DeviceRules {
  readonly allowByDefault: boolean;
  /** Why the default is what it is. */
  readonly from: Origin;
  readonly rules: readonly DeviceRule[];
}

/**
 * Normalises linux.resources.devices. What no rule matches is denied, whether the list says so or is absent; a rule
 * for all devices and all access replaces what comes before it; the devices that every container needs are added at
 * the end, but for those that the list denies by their very numbers. Source: config-linux.md#allowed-device-list.
 */
export function deviceRules(devices: readonly DeviceRuleConfig[] = []): DeviceRules {
  let allowByDefault = false;
  let from: Origin = IMPLIED;
  let rules: DeviceRule[] = [];
  for (const [index, device] of devices.entries()) {
    const origin = { config: resource("devices", index) };
    if (isReset(device)) {
      allowByDefault = device.allow;
      from = origin;
      rules = [];
    } else {
      rules.push(...rulesOf(device, origin));
    }
  }
  return { allowByDefault, from, rules: [...rules, ...implicitRules(rules)] };
}

/** What is wrong with the rules, such as a number out of range, or a letter of access that there is not. */
export function deviceRuleProblems(devices: readonly DeviceRuleConfig[] = []): readonly Problem[] {
  return devices.flatMap((device, index) => {
    const problem = (member: keyof DeviceRuleConfig, code: string, message: string): Problem => ({
      code,
      severity: "error",
      pointer: resource("devices", index, member),
      value: shownValue(device[member]),
      message,
      spec: "config-linux.md#allowed-device-list",
    });
    const problems: Problem[] = [];
    if (!["a", "b", "c", "u"].includes(typeOf(device))) {
      problems.push(problem("type", "DEVICE_RULE_TYPE", 'must be "a" (all), "c" (character) or "b" (block)'));
    }
    const fault = deviceAccessFault(device.access ?? "");
    if (fault !== undefined) problems.push({ ...problem("access", "DEVICE_RULE_ACCESS", fault.message), ...fault });
    for (const member of ["major", "minor"] as const) {
      if (isDeviceNumber(device[member] ?? ANY)) continue;
      problems.push(problem(member, "DEVICE_RULE_NUMBER", "must be a device number, or -1 for all"));
    }
    return problems;
  });
}

/** "rwm" and parts of it, in the kernel's own order. */
export function accessText(access: number): string {
  return (access & READ ? "r" : "") + (access & WRITE ? "w" : "") + (access & MKNOD ? "m" : "");
}

const IMPLIED: Origin = { implied: "config-linux.md#allowed-device-list" };

function typeOf(device: DeviceRuleConfig): string {
  return device.type === undefined || device.type === "" ? "a" : device.type;
}

function accessOf(text: string | undefined): number {
  if (text === undefined || text === "") return FULL;
  return (text.includes("m") ? MKNOD : 0) | (text.includes("r") ? READ : 0) | (text.includes("w") ? WRITE : 0);
}

function isDeviceNumber(value: number): boolean {
  return Number.isInteger(value) && value >= ANY && value <= 0xffff_ffff;
}

function isReset(device: DeviceRuleConfig): boolean {
  const everywhere = (device.major ?? ANY) === ANY && (device.minor ?? ANY) === ANY;
  return typeOf(device) === "a" && everywhere && accessOf(device.access) === FULL;
}

function rulesOf(device: DeviceRuleConfig, from: Origin): readonly DeviceRule[] {
  const { allow, major = ANY, minor = ANY } = device;
  const access = accessOf(device.access);
  const type = typeOf(device);
  const types = type === "a" ? (["b", "c"] as const) : ([type === "b" ? "b" : "c"] as const);
  return types.map((kind) => ({ allow, type: kind, major, minor, access, from }));
}

function implicitRules(rules: readonly DeviceRule[]): readonly DeviceRule[] {
  const denials = rules.filter(({ allow }) => !allow);
  const implied: DeviceRule[] = [];
  for (const { type, major, minor, access } of IMPLICIT_DEVICE_ACCESS) {
    const range = { type, major: major === "*" ? ANY : major, minor: minor === "*" ? ANY : minor };
    let left = accessOf(access);
    for (const denial of denials) if (isSameRange(denial, range)) left &= ~denial.access;
    if (left !== 0) implied.push({ ...range, allow: true, access: left, from: IMPLIED });
  }
  return implied;
}

type Range = Pick<DeviceRule, "type" | "major" | "minor">;

/** Whether two rules speak of exactly the same devices. */
export function isSameRange(one: Range, other: Range): boolean {
  return one.type === other.type && one.major === other.major && one.minor === other.minor;
}

/** Whether every device of `inner` is one of `outer`. */
export function isWithin(inner: Range, outer: Range): boolean {
  return inner.type === outer.type && covers(outer.major, inner.major) && covers(outer.minor, inner.minor);
}

function covers(outer: number, inner: number): boolean {
  return outer === ANY || outer === inner;
}

/** The devices that both rules speak of. */
export function intersection(one: Range, other: Range): Range | undefined {
  const major = common(one.major, other.major);
  const minor = common(one.minor, other.minor);
  if (one.type !== other.type || major === undefined || minor === undefined) return undefined;
  return { type: one.type, major, minor };
}

function common(one: number, other: number): number | undefined {
  if (one === ANY) return other;
  return other === ANY || one === other ? one : undefined;
}
