import type { Origin } from "../../base/origin.ts";
import type { DeviceRule, DeviceRules } from "../device-rules.ts";
import { ANY, accessText, intersection, isWithin, READ, WRITE } from "../device-rules.ts";

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
  const exceptions = new Map<string, DeviceException>();
  const holes: DeviceHole[] = [];
  for (const rule of rules) {
    if (rule.allow === allowByDefault) holes.push(...takeAway(exceptions, rule));
    else add(exceptions, rule);
  }
  const minimal = withoutRepetition([...exceptions.values()]);
  return { allowByDefault, from, exceptions: allowByDefault ? minimal : withWholeAccess(minimal), holes };
}

/** "c 1:3 rwm", as devices.allow and devices.deny take it. */
export function exceptionText(exception: DeviceException): string {
  return `${rangeText(exception)} ${accessText(exception.access)}`;
}

/** "c 1:3", the devices without the access. */
export function rangeText({ type, major, minor }: Omit<DeviceException, "access" | "from">): string {
  return `${type} ${major === ANY ? "*" : major}:${minor === ANY ? "*" : minor}`;
}

/** Adds to what is known of the same devices: a v1 list has one entry for each range. */
function add(exceptions: Map<string, DeviceException>, { type, major, minor, access, from }: DeviceException): void {
  const range = rangeText({ type, major, minor });
  const known = exceptions.get(range)?.access ?? 0;
  exceptions.set(range, { type, major, minor, access: access | known, from });
}

/** Takes a rule's access from the exceptions within it; returns those of which it speaks only in part. */
function takeAway(exceptions: Map<string, DeviceException>, rule: DeviceRule): readonly DeviceHole[] {
  const holes: DeviceHole[] = [];
  for (const [range, exception] of exceptions) {
    if ((rule.access & exception.access) === 0) continue;
    const access = exception.access & ~rule.access;
    if (!isWithin(exception, rule)) {
      if (intersection(rule, exception) !== undefined) holes.push({ rule, exception });
    } else if (access === 0) exceptions.delete(range);
    else exceptions.set(range, { ...exception, access });
  }
  return holes;
}

/** Leaves out what a wider exception says as well. */
function withoutRepetition(exceptions: readonly DeviceException[]): readonly DeviceException[] {
  const wide = exceptions.filter(({ major, minor }) => major === ANY || minor === ANY);
  return exceptions.filter(
    (one) => !wide.some((other) => other !== one && (one.access & ~other.access) === 0 && isWithin(one, other)),
  );
}

/**
 * With default deny, opening for reading and writing needs one exception that has both: where an exception for reading
 * and one for writing meet, one for their common devices is added. (mknod is asked for alone.)
 */
function withWholeAccess(exceptions: readonly DeviceException[]): readonly DeviceException[] {
  const all = new Map(exceptions.map((exception) => [rangeText(exception), exception]));
  const readers = exceptions.filter(({ access }) => (access & READ_WRITE) === READ);
  const writers = exceptions.filter(({ access }) => (access & READ_WRITE) === WRITE);
  for (const reader of readers) {
    for (const writer of writers) {
      const shared = intersection(reader, writer);
      if (shared === undefined) continue;
      const wholes = [...all.values()].filter(({ access }) => (access & READ_WRITE) === READ_WRITE);
      if (!wholes.some((known) => isWithin(shared, known))) {
        add(all, { ...shared, access: READ_WRITE, from: writer.from });
      }
    }
  }
  return [...all.values()];
}

const READ_WRITE = READ | WRITE;
