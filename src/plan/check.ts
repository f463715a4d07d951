import { NAMESPACES } from "../linux/namespaces.ts";
import { kindOf, ORDER_LAWS, type OrderLaw, type StepKind } from "./check/order-laws.ts";
import { planFault, shownStep } from "./check/plan-fault.ts";
import { checkSlots } from "./check/slots.ts";
import { type Timeline, timelineOf } from "./check/timeline.ts";
import { OP_TABLE, type OpName } from "./op-table.ts";
import type { Plan, Stage, Step } from "./step.ts";

/**
 * Checks a plan against the laws of order: which step must come before which, that no process waits for ever, and that
 * slots are opened before they are used. A plan of the builder never breaks one; a mistake in the builder is found here
 * and not by whoever runs the container. Throws RuntimeError ERR_INTERNAL that names the step and the law.
 */
export function checkPlan({ verb, steps }: Plan): void {
  checkStages(steps);
  checkSlots(steps);
  const timeline = timelineOf(steps);
  const places = placesOf(steps);
  checkEnd(steps, places);
  for (const law of ORDER_LAWS) checkOrder(law, steps, places, timeline, verb !== "exec");
  checkIdMaps(steps, places);
  checkSeccomp(steps, places);
}

function checkStages(steps: readonly Step[]): void {
  steps.forEach(({ at, op }, step) => {
    const stages: readonly Stage[] = OP_TABLE[op.op].stages;
    if (!stages.includes(at)) throw planFault(steps, step, `cannot be done by the ${at} process`);
  });
}

/** The numbers of the steps of each kind. */
type Places = Readonly<Partial<Record<StepKind, readonly number[]>>>;

function placesOf(steps: readonly Step[]): Places {
  const places: Partial<Record<StepKind, number[]>> = {};
  steps.forEach((step, index) => {
    const kind = kindOf(step);
    const list = places[kind];
    if (list === undefined) places[kind] = [index];
    else list.push(index);
  });
  return places;
}

function checkOrder(law: OrderLaw, steps: readonly Step[], places: Places, timeline: Timeline, isNew: boolean): void {
  const later = numbersOf(law.later, places);
  if (later.length === 0) return;
  const earlier = numbersOf(law.earlier, places);
  for (const second of later) {
    if (earlier.length === 0 && (law.required === "always" || (isNew && law.required !== undefined))) {
      throw planFault(steps, second, `needs ${law.earlier.join(" or ")} before it, because ${law.why}`);
    }
    for (const first of earlier) {
      if (timeline.isBefore(first, second)) continue;
      throw planFault(steps, second, `must come after ${shownStep(steps, first)}, because ${law.why}`);
    }
  }
}

function numbersOf(kinds: readonly StepKind[], places: Places): readonly number[] {
  return kinds.flatMap((kind) => places[kind] ?? []);
}

const NEW_USER = NAMESPACES.user.cloneFlag;

/** Without mappings nobody in a new user namespace is anybody. */
function checkIdMaps(steps: readonly Step[], places: Places): void {
  const maker = steps.findIndex(({ op }) => "flags" in op && isMaker(op.op) && (Number(op.flags) & NEW_USER) !== 0);
  if (maker === -1 || (places["idmap.write"] ?? places["idmap.helper"]) !== undefined) return;
  throw planFault(steps, maker, "makes a user namespace, and no step writes its id mappings");
}

function isMaker(name: OpName): boolean {
  return name === "child.clone" || name === "init.clone" || name === "ns.unshare";
}

/** The command replaces the interpreter. */
function checkEnd(steps: readonly Step[], { exec }: Places): void {
  const last = steps.findLastIndex(({ at }) => at === "init");
  if (exec !== undefined && exec[0] !== last) throw planFault(steps, last, "comes after the end of its process");
}

/** What may still be done under the container's own filter. A startContainer hook is under it as the command is. */
const UNDER_FILTER: Readonly<Partial<Record<OpName, true>>> = {
  "caps.set": true,
  "sync.post": true,
  "sync.wait": true,
  "start.wait": true,
  "hook.run": true,
  exec: true,
};

/** A filter can be loaded with CAP_SYS_ADMIN or with no_new_privs, and holds for what comes after it. Source: seccomp(2). */
function checkSeccomp(steps: readonly Step[], places: Places): void {
  for (const load of places["seccomp.load"] ?? []) {
    const isUnprivileged = (places["caps.set"]?.[0] ?? load) < load;
    if (isUnprivileged && (places.no_new_privs?.[0] ?? load) >= load) {
      throw planFault(steps, load, "must come before caps.set, or after no_new_privs, because it needs CAP_SYS_ADMIN");
    }
    const refused = steps.findIndex(({ at, op }, step) => step > load && at === "init" && UNDER_FILTER[op.op] !== true);
    if (refused !== -1) throw planFault(steps, refused, "comes after seccomp.load, and the filter may forbid it");
  }
}
