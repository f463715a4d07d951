import type { Op, OpName } from "../op-table.ts";
import { FIRST_FREE_SLOT, SLOT_COUNT, SLOT_LOCK, SLOT_REPORT } from "../slots.ts";
import type { Stage, Step } from "../step.ts";
import { planFault } from "./plan-fault.ts";

/** "open" puts a descriptor into the slot; "use" needs one there; "close" needs one and leaves none. */
type Effect = "open" | "use" | "close";

interface SlotUse {
  readonly argument: string;
  readonly effect: Effect;
  /** Whether slot 0 stands for none. */
  readonly isOptional?: true;
}

/** What the ops of native/ do with their slots. */
const SLOT_USES: Readonly<Partial<Record<OpName, SlotUse>>> = {
  "cgroup.open": { argument: "slot", effect: "open" },
  "cgroup.join": { argument: "slot", effect: "close" },
  "child.clone": { argument: "cgroup", effect: "use", isOptional: true },
  "start.listen": { argument: "slot", effect: "open" },
  "start.wait": { argument: "slot", effect: "close" },
  "slot.close": { argument: "slot", effect: "close" },
  "ns.open": { argument: "slot", effect: "open" },
  "process.open": { argument: "slot", effect: "open" },
  "ns.join_process": { argument: "slot", effect: "use" },
  "ns.join": { argument: "slot", effect: "close" },
  "root.attach": { argument: "slot", effect: "use", isOptional: true },
  "tree.open": { argument: "slot", effect: "open" },
  "tree.idmap": { argument: "slot", effect: "use" },
  "tree.idmap_like": { argument: "slot", effect: "use" },
  "tree.open_inside": { argument: "slot", effect: "open" },
  "tree.send": { argument: "slot", effect: "close" },
  "tree.receive": { argument: "slot", effect: "open" },
  "mount.attach": { argument: "slot", effect: "close" },
  "console.connect": { argument: "slot", effect: "open" },
  "console.open": { argument: "slot", effect: "close", isOptional: true },
};

/**
 * Checks that a slot is opened before it is used, by the same process or by the one that made it, and not used when
 * it is closed. A process inherits what its maker has open, and each closes its own copy. Throws RuntimeError
 * ERR_INTERNAL.
 */
export function checkSlots(steps: readonly Step[]): void {
  const open: Record<Stage, Set<number>> = { parent: new Set(OF_PARENT), intermediate: new Set(), init: new Set() };
  steps.forEach(({ at, op }, step) => {
    const use = SLOT_USES[op.op];
    const what = use === undefined ? undefined : apply(use, op, open[at]);
    if (what !== undefined) throw planFault(steps, step, what);
    if (op.op === "child.clone") open[op.stage === "init" ? "init" : "intermediate"] = inherited(open.parent);
    if (op.op === "init.clone") open.init = new Set(open.intermediate);
  });
}

/** What the engine leaves open for the parent alone. */
const OF_PARENT: readonly number[] = [SLOT_LOCK, SLOT_REPORT];

function inherited(open: ReadonlySet<number>): Set<number> {
  return new Set([...open].filter((slot) => !OF_PARENT.includes(slot)));
}

/** What is wrong, or undefined. */
function apply({ argument, effect, isOptional }: SlotUse, op: Op, open: Set<number>): string | undefined {
  const slot = Number((op as unknown as Readonly<Record<string, unknown>>)[argument]); // a number by the op table
  if (isOptional && slot === 0) return undefined;
  if (effect === "open") {
    if (slot < FIRST_FREE_SLOT || slot >= SLOT_COUNT)
      return `has a slot beyond ${FIRST_FREE_SLOT} to ${SLOT_COUNT - 1}`;
    if (open.has(slot)) return `opens slot ${slot}, which is open`;
    open.add(slot);
    return undefined;
  }
  if (!open.has(slot)) return `uses slot ${slot}, which is not open`;
  if (effect === "close") open.delete(slot);
  return undefined;
}
