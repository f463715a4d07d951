import type { Origin } from "../../base/origin.ts";
import type { FileWrite, WriteCondition } from "../cgroup-plan.ts";
import type { CgroupV2Hierarchy } from "../facts.ts";
import type { Place } from "../place.ts";

/**
 * Enables controllers in the directories above the container's, from the top down. What the config needs must
 * succeed. On a unified host the others are enabled too, one by one because a refused one takes all of its write
 * with it: the container's usage is then counted, and it can hand them on. Source: the kernel's cgroup-v2.rst.
 */
export function enableControllers(
  place: Place<CgroupV2Hierarchy>,
  required: readonly string[],
  all: boolean,
  from: Origin,
): readonly FileWrite[] {
  const { hierarchy, start, target } = place;
  return [start, ...target.ancestors].flatMap((directory) => {
    const isMissing = (controller: string) => directory !== start || !hierarchy.enabled.includes(controller);
    const enable = (controllers: readonly string[], when: WriteCondition): FileWrite => {
      const value = controllers.map((controller) => `+${controller}`).join(" ");
      return { kind: "write", path: `${directory}/cgroup.subtree_control`, value, from, when };
    };
    const needed = required.filter(isMissing);
    const others = all ? hierarchy.controllers.filter((name) => !required.includes(name)).filter(isMissing) : [];
    return [
      ...(needed.length === 0 ? [] : [enable(needed, "always")]),
      ...others.map((controller) => enable([controller], "possible")),
    ];
  });
}
