import { printPlan } from "./print.ts";
import type { Plan, Step } from "./step.ts";

/**
 * A plan as the entries of a debug log: every step before it is carried out, since nothing of the engine is left when it
 * is. The headings hold the words that people and tools look for in a debug log of runc's.
 */
export function debugLines(plan: Plan): readonly string[] {
  const rows = printPlan(plan, "text").trimEnd().split("\n");
  const child = plan.steps.findIndex(({ at }) => at !== "parent");
  const exec = plan.steps.findIndex(({ op }) => op.op === "exec");
  return [
    `nsexec container setup: ${rows.length} steps`,
    ...rows.flatMap((row, step) => [
      ...(step === child ? ["child process in init(): the steps that are not the parent's"] : []),
      ...(step === exec ? [END[plan.verb === "exec" ? "exec" : "init"]] : []),
      row.trim().replaceAll(/ {2,}/g, " "),
      ...affinityLine(plan.steps[step]),
    ]),
  ];
}

/** The processors as a number, which a reader can compare with those of taskset(1); in the plan they are bytes. */
function affinityLine(step: Step | undefined): readonly string[] {
  if (step?.op.op !== "sched.affinity" || !/^[0-9a-f]+$/.test(step.op.cpus)) return [];
  const bytes = step.op.cpus.match(/../g) ?? [];
  return [`nsexec ${step.at}: affinity: 0x${BigInt(`0x${bytes.toReversed().join("")}`).toString(16)}`];
}

const END = {
  init: "init: closing the pipe to signal completion: it closes when the command is executed",
  exec: "setns_init: about to exec: the last step",
} as const;
