import type { Origin } from "../../base/origin.ts";
import type { FileWrite, WriteCondition } from "../cgroup-plan.ts";
import type { CgroupV2Hierarchy } from "../facts.ts";
import type { Place } from "../place.ts";

export interface Enabling {
  /** What the config needs, which must succeed. */
  readonly required: readonly string[];
  /** Whether the others are enabled too, where they can be. */
  readonly all: boolean;
  /** Whether the directories may have been made for this container. */
  readonly isNew: boolean;
  readonly from: Origin;
}

/**
 * Enables controllers in the directories above the container's, from the top down. On a unified host all of them, one by
 * one because a refused one takes all of its write with it: the container's usage is then counted, and it can hand them
 * on. Source: the kernel's cgroup-v2.rst.
 */
export function enableControllers(
  { hierarchy, start, target }: Place<CgroupV2Hierarchy>,
  { required, all, isNew, from }: Enabling,
): readonly FileWrite[] {
  if (required.length === 0 && !all) return [];
  const writes = [start, ...target.ancestors].flatMap((directory) => {
    const isMissing = (controller: string) => directory !== start || !hierarchy.enabled.includes(controller);
    const enable = (controllers: readonly string[], when: WriteCondition): FileWrite => {
      const value = controllers.map((controller) => `+${controller}`).join(" ");
      return { kind: "write", path: `${directory}/cgroup.subtree_control`, value, from, when };
    };
    const needed = required.filter(isMissing);
    const others = all ? hierarchy.controllers.filter((name) => !required.includes(name)).filter(isMissing) : [];
    return [
      ...(isNew && directory !== start ? [takePart(directory, from)] : []),
      ...(needed.length === 0 ? [] : [enable(needed, "always")]),
      ...others.map((controller) => enable([controller], "possible")),
    ];
  });
  return isNew ? [...writes, takePart(target.directory, from)] : writes;
}

/**
 * A cgroup below one that has processes, or is threaded, is "domain invalid" and takes none until it is threaded as well.
 * It has the controllers then that share out between threads (cpu, cpuset, pids), and the kernel refuses the others.
 * Source: cgroups(7), "Thread mode".
 */
function takePart(directory: string, from: Origin): FileWrite {
  return { kind: "write", path: `${directory}/cgroup.type`, value: "threaded", from, when: "invalid" };
}
