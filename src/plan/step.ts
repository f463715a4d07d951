import type { Origin } from "../base/origin.ts";
import type { Op } from "./op-table.ts";

/** The three processes: the runtime's side, the one that joins and creates namespaces, the container's first. */
export type Stage = "parent" | "intermediate" | "init";

/** One thing to do: who does it, what, and why. A step's number is its place in the plan. */
export interface Step {
  readonly at: Stage;
  readonly op: Op;
  readonly from: Origin;
}

/** What a verb does, in order. Each process carries out the steps of its own stage. */
export interface Plan {
  readonly verb: "create" | "start" | "run" | "exec" | "update" | "restore";
  readonly id: string;
  readonly steps: readonly Step[];
}
