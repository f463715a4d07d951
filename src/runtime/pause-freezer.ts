import { type Freezer, freezersOf } from "../cgroup/cgroup-files.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { poll } from "../sys/descriptors.ts";
import { pathType, readTextIfExists, writeExisting } from "../sys/files.ts";

/** The container's freezers that this kernel has, the best first. */
export function presentFreezers(cgroup: CgroupPaths): readonly Freezer[] {
  return freezersOf(cgroup).filter((freezer) => pathType(controlFile(freezer)) !== undefined);
}

/** Freezes what is in the cgroup; false, and everything goes on, where that has not worked in `timeoutMs`. */
export function freeze(freezer: Freezer, timeoutMs: number): boolean {
  const deadline = Date.now() + timeoutMs;
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    // Again and again: v1 can miss a process that is born meanwhile, and looks for more when it is asked again.
    writeExisting(controlFile(freezer), freezer.version === 1 ? "FROZEN" : "1");
    if (isFrozen(freezer)) return true;
    if (Date.now() >= deadline) break;
    poll([], waitMs);
  }
  thaw(freezer);
  return false;
}

const MAX_WAIT_MS = 20;

/** Lets what is in the cgroup go on. */
export function thaw(freezer: Freezer): void {
  writeExisting(controlFile(freezer), freezer.version === 1 ? "THAWED" : "0");
}

/** Whether every process of the cgroup is frozen. Source: cgroup-v1/freezer-subsystem.rst, cgroup-v2.rst. */
export function isFrozen(freezer: Freezer): boolean {
  if (freezer.version === 1) return readTextIfExists(freezer.state)?.trim() === "FROZEN";
  return /^frozen 1$/m.test(readTextIfExists(freezer.events) ?? "");
}

function controlFile(freezer: Freezer): string {
  return freezer.version === 1 ? freezer.state : freezer.freeze;
}
