import type { Origin } from "../../base/origin.ts";
import type { DeviceRule, DeviceRules } from "../device-rules.ts";
import { ANY, accessText, intersection, isSameRange, isWithin, MKNOD, READ, WRITE } from "../device-rules.ts";

/**
 * The state of a v1 device cgroup: a default, and exceptions from it. The kernel allows what one exception alone covers
 * (default deny), or denies what any exception touches (default allow). Source: security/device_cgroup.c.
 */
export interface DeviceList {
  readonly allowByDefault: boolean;
  readonly from: Origin;
  readonly exceptions: readonly DeviceException[];
  /** Rules that a v1 list cannot say: part of what an exception covers, such as one number of "all numbers". */
  readonly holes: readonly DeviceHole[];
}

/** A rule that would take away only a part of an exception. */
export interface DeviceHole {
  readonly rule: DeviceRule;
  readonly exception: DeviceException;
}

export type DeviceException = Omit<DeviceRule, "allow">;

/** Works out the state of a v1 device cgroup in which the last matching rule wins. */
export function deviceListOf({ allowByDefault, from, rules }: DeviceRules): DeviceList {
  let exceptions: readonly DeviceException[] = [];
  const holes: DeviceHole[] = [];
  for (const rule of rules) {
    if (rule.allow !== allowByDefault) {
      exceptions = withException(exceptions, rule);
    } else {
      const exception = exceptions.find((candidate) => isHole(rule, candidate));
      if (exception !== undefined) holes.push({ rule, exception });
      exceptions = withoutAccess(exceptions, rule);
    }
  }
  const minimal = withoutRepetition(exceptions);
  return { allowByDefault, from, exceptions: allowByDefault ? minimal : withWholeAccess(minimal), holes };
}

/** "c 1:3 rwm", as devices.allow and devices.deny take it. */
export function exceptionText({ type, major, minor, access }: DeviceException): string {
  return `${type} ${major === ANY ? "*" : major}:${minor === ANY ? "*" : minor} ${accessText(access)}`;
}

function withException(exceptions: readonly DeviceException[], rule: DeviceRule): readonly DeviceException[] {
  const { type, major, minor, from } = rule;
  const same = exceptions.find((exception) => isSameRange(exception, rule));
  const added = { type, major, minor, access: rule.access | (same?.access ?? 0), from };
  return [...exceptions.filter((exception) => exception !== same), added];
}

function withoutAccess(exceptions: readonly DeviceException[], rule: DeviceRule): readonly DeviceException[] {
  return exceptions
    .map((exception) =>
      isWithin(exception, rule) ? { ...exception, access: exception.access & ~rule.access } : exception,
    )
    .filter((exception) => exception.access !== 0);
}

function isHole(rule: DeviceRule, exception: DeviceException): boolean {
  if ((rule.access & exception.access) === 0 || isWithin(exception, rule)) return false;
  return intersection(rule, exception) !== undefined;
}

/** Leaves out what a wider exception says as well. */
function withoutRepetition(exceptions: readonly DeviceException[]): readonly DeviceException[] {
  return exceptions.filter(
    (one) => !exceptions.some((other) => other !== one && isWithin(one, other) && (one.access & ~other.access) === 0),
  );
}

/**
 * With default deny, opening for reading and writing needs one exception that has both: where two exceptions together
 * allow it, one for their common devices is added. (mknod is asked for alone.)
 */
function withWholeAccess(exceptions: readonly DeviceException[]): readonly DeviceException[] {
  const all = [...exceptions];
  for (const one of exceptions) {
    for (const other of exceptions) {
      const shared = intersection(one, other);
      const access = one.access | other.access;
      if (shared === undefined || (access & READ) === 0 || (access & WRITE) === 0) continue;
      const covered = all.some((known) => isWithin(shared, known) && (known.access & READ_WRITE) === READ_WRITE);
      if (!covered) all.push({ ...shared, access: access & ~MKNOD, from: other.from });
    }
  }
  return all;
}

const READ_WRITE = READ | WRITE;
