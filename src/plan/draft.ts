import type { Origin } from "../base/origin.ts";
import type { Problem } from "../base/problem.ts";
import type { Op } from "./op-table.ts";
import { FIRST_FREE_SLOT } from "./slots.ts";
import type { Stage, Step } from "./step.ts";

/** A plan under construction: each part appends its steps, in the order in which they will be carried out. */
export class PlanDraft {
  readonly steps: Step[] = [];
  readonly problems: Problem[] = [];
  readonly #freeSlots: number[] = [];
  #nextSlot = FIRST_FREE_SLOT;

  add(at: Stage, from: Origin, op: Op): void {
    this.steps.push({ at, from, op });
  }

  /** A number for a file descriptor that one step opens and a later one uses. */
  newSlot(): number {
    return this.#freeSlots.pop() ?? this.#nextSlot++;
  }

  /** To be called when the init has closed a descriptor that it had opened itself: another one can have its number. */
  freeSlot(slot: number): void {
    this.#freeSlots.push(slot);
  }
}
