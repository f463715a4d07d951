import { endPhase } from "../base/timeline.ts";
import type { Plan } from "../plan/step.ts";
import { close } from "../sys/descriptors.ts";
import { execFd } from "../sys/processes.ts";
import { writeTimeline } from "../sys/timeline-file.ts";
import { type CarryOutOptions, planImage, type Slot, staticProgram } from "./static-program.ts";

/**
 * Turns this process into the static program, which carries out the plan; it does not return. `reportArgv` is what that
 * starts, with "failure", "warning" or "notice", a descriptor and an exit status, if a step fails; `slots` are more that
 * are taken from the start. Throws SystemError.
 */
export function becomePlan(
  plan: Plan,
  reportArgv: readonly string[],
  options: CarryOutOptions,
  slots: readonly Slot[] = [],
): never {
  try {
    const program = staticProgram(planImage(plan, reportArgv), options, slots);
    endPhase("hand over the plan");
    writeTimeline();
    return execFd(program);
  } finally {
    if (options.lockFd !== undefined) close(options.lockFd);
    if (options.traceFd !== undefined) close(options.traceFd);
  }
}
