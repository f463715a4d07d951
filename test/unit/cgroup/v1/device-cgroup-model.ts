import assert from "node:assert/strict";
import { accessText, MKNOD, READ, WRITE } from "../../../../src/cgroup/device-rules.ts";
import type { DeviceRequest } from "../device-model.ts";

interface Exception {
  readonly numbers: string;
  readonly access: number;
}

/**
 * The kernel's side of a v1 devices cgroup without parent and children, from the description in
 * Documentation/admin-guide/cgroup-v1/devices.rst and the behaviour of security/device_cgroup.c.
 */
export class DeviceCgroupModel {
  private allowByDefault = true;
  private exceptions: Exception[] = [];

  /** "allow c 1:3 rwm" is a write to devices.allow. */
  write(line: string): void {
    const match = /^(allow|deny) (?:(a)|([bc] (?:\d+|\*):(?:\d+|\*)) ([rwm]+))$/.exec(line);
    assert.ok(match, `the kernel understands "${line}"`);
    const [, verb, all, numbers = "", access = ""] = match;
    const allow = verb === "allow";
    if (all !== undefined) {
      this.allowByDefault = allow;
      this.exceptions = [];
    } else if (allow !== this.allowByDefault) {
      this.change(numbers, (old) => old | bits(access));
    } else {
      this.change(numbers, (old) => old & ~bits(access));
    }
  }

  /** What devices.list reads: exceptions from "all allowed" are not shown. */
  list(): string {
    if (this.allowByDefault) return "a *:* rwm\n";
    return this.exceptions.map(({ numbers, access }) => `${numbers} ${accessText(access)}\n`).join("");
  }

  isAllowed(request: DeviceRequest): boolean {
    const matching = this.exceptions.filter(({ numbers }) => matches(numbers, request));
    if (this.allowByDefault) return matching.every(({ access }) => (access & request.access) === 0);
    return matching.some(({ access }) => (request.access & ~access) === 0);
  }

  /** Exceptions are found by exactly the same numbers; wildcards match each other only. */
  private change(numbers: string, access: (old: number) => number): void {
    const old = this.exceptions.find((exception) => exception.numbers === numbers)?.access ?? 0;
    const others = this.exceptions.filter((exception) => exception.numbers !== numbers);
    const changed = access(old);
    this.exceptions = changed === 0 ? others : [...others, { numbers, access: changed }];
  }
}

function bits(access: string): number {
  return (access.includes("r") ? READ : 0) | (access.includes("w") ? WRITE : 0) | (access.includes("m") ? MKNOD : 0);
}

function matches(numbers: string, { type, major, minor }: DeviceRequest): boolean {
  const [kind, pair = ""] = numbers.split(" ");
  const [wantedMajor, wantedMinor] = pair.split(":");
  if (kind !== type) return false;
  return (
    (wantedMajor === "*" || Number(wantedMajor) === major) && (wantedMinor === "*" || Number(wantedMinor) === minor)
  );
}
