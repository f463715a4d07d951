import type { CgroupPaths } from "./cgroup-plan.ts";

/** How the processes of a cgroup are stopped and continued. */
export type Freezer =
  /** FROZEN or THAWED is written to `state`, which reads FREEZING until it is done. Source: freezer-subsystem.rst. */
  | { readonly version: 1; readonly state: string }
  /** 1 or 0 is written to `freeze`, and `events` then has the line "frozen 1" or "frozen 0". Source: cgroups(7). */
  | { readonly version: 2; readonly freeze: string; readonly events: string };

/**
 * The container's freezers, best first; the first whose file exists is to be used. v2's, since Linux 5.2, lets frozen
 * processes be killed and never stays half frozen.
 */
export function freezersOf({ v1, v2 }: CgroupPaths): readonly Freezer[] {
  const freezers: Freezer[] = [];
  if (v2 !== undefined) freezers.push({ version: 2, freeze: `${v2}/cgroup.freeze`, events: `${v2}/cgroup.events` });
  if (v1.freezer !== undefined) freezers.push({ version: 1, state: `${v1.freezer}/freezer.state` });
  return freezers;
}

/** The file that kills every process of the container at once when "1" is written; since Linux 5.14. Source: cgroups(7). */
export function killFileOf({ v2 }: CgroupPaths): string | undefined {
  return v2 === undefined ? undefined : `${v2}/cgroup.kill`;
}

/** The directory whose cgroup.procs, and those of the directories below it, list the container's processes. */
export function processDirectoryOf(paths: CgroupPaths): string | undefined {
  return paths.v2 ?? paths.v1.pids ?? paths.v1.freezer ?? ownDirectories(paths)[0];
}

/** How to learn that the container ran out of memory. */
export type OomEvents =
  /** An eventfd and an fd of `control` are registered in `register`. Source: the kernel's cgroup-v1/memory.rst. */
  | { readonly version: 1; readonly control: string; readonly register: string }
  /** The count after "oom_kill" in `events` rises, and the file is reported as modified. Source: cgroups(7). */
  | { readonly version: 2; readonly events: string };

/** Where out-of-memory events are seen; undefined where the container has no memory cgroup. */
export function oomEventsOf({ v1, v2 }: CgroupPaths): OomEvents | undefined {
  if (v1.memory !== undefined) {
    return { version: 1, control: `${v1.memory}/memory.oom_control`, register: `${v1.memory}/cgroup.event_control` };
  }
  return v2 === undefined ? undefined : { version: 2, events: `${v2}/memory.events` };
}

/** Every directory of the container's own, each once: what is left of it when it is gone. */
export function ownDirectories({ v1, v2 }: CgroupPaths): readonly string[] {
  return [...new Set([...Object.values(v1), ...(v2 === undefined ? [] : [v2])])];
}
