import { pointerTo } from "../../base/json-pointer.ts";
import { NICE_RANGE, REALTIME_PRIORITY_RANGE } from "../../linux/scheduler.ts";
import type { Findings } from "../findings.ts";
import type { Scheduler } from "../types.gen.ts";
import { isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#linux-process, sched(7), sched_setattr(2). */
export const schedulerRules: RuleArea = {
  about: ["/process/scheduler"],
  check({ process }, found) {
    const scheduler = process?.scheduler;
    if (scheduler === undefined) return;
    checkNice(scheduler, found);
    checkPriority(scheduler, found);
    if (scheduler.policy === "SCHED_DEADLINE") checkDeadline(scheduler, found);
    else checkNoDeadline(scheduler, found);
  },
};

const SPEC = "config.md#linux-process";

function checkNice({ nice: value = 0 }: Scheduler, found: Findings): void {
  const { min, max } = NICE_RANGE;
  if (isWithin(value, min, max)) return;
  const message = `must be from ${min} to ${max}`;
  found.error({ code: "SCHEDULER_NICE", pointer: "/process/scheduler/nice", value, message, spec: SPEC });
}

function checkPriority({ policy, priority = 0 }: Scheduler, found: Findings): void {
  const { min, max } = REALTIME_PRIORITY_RANGE;
  const isRealtime = policy === "SCHED_FIFO" || policy === "SCHED_RR";
  if (isRealtime ? isWithin(priority, min, max) : priority === 0) return;
  found.error({
    code: "SCHEDULER_PRIORITY",
    pointer: "/process/scheduler/priority",
    value: priority,
    message: isRealtime ? `must be from ${min} to ${max} for ${policy}` : "is for SCHED_FIFO and SCHED_RR only",
    fix: isRealtime ? undefined : "take it out",
    spec: SPEC,
  });
}

const DEADLINE_MEMBERS = ["runtime", "deadline", "period"] as const;

function checkNoDeadline(scheduler: Scheduler, found: Findings): void {
  for (const member of DEADLINE_MEMBERS) {
    const value = scheduler[member];
    if (!value) continue;
    const pointer = pointerTo("/process/scheduler", member);
    const message = "is for SCHED_DEADLINE only";
    found.error({ code: "SCHEDULER_DEADLINE_UNUSED", pointer, value, message, fix: "take it out", spec: SPEC });
  }
}

/** The kernel's least runtime in nanoseconds. Source: kernel/sched/deadline.c (__checkparam_dl) of Linux 6.18. */
const RUNTIME_MIN = 1024;

function checkDeadline(scheduler: Scheduler, found: Findings): void {
  const { runtime = 0, deadline = 0 } = scheduler;
  const period = scheduler.period || deadline;
  if (runtime >= RUNTIME_MIN && runtime <= deadline && deadline <= period && period < 2 ** 63) return;
  found.error({
    code: "SCHEDULER_DEADLINE",
    pointer: "/process/scheduler",
    value: scheduler,
    message: `must have ${RUNTIME_MIN} ns <= runtime <= deadline <= period`,
    spec: SPEC,
  });
}
