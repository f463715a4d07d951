import type { Origin } from "../base/origin.ts";
import type { PlanDraft } from "./draft.ts";

/**
 * How the container's processes and the runtime's side wait for each other. Each line is a message over their one
 * socket; a barrier is a pair of steps, sync.post where the line begins and sync.wait where it ends.
 *
 *     parent                       intermediate                init
 *       │ child.clone ··············▷ │                         ┊
 *       │ ◀─────────── user-namespace │                         ┊   made: its mappings can be written
 *       │ id-map ───────────────────▶ │                         ┊   written (to the init, without an intermediate)
 *       │ child.adopt ◀────── its pid │ init.clone ···········▷ │
 *       │ cgroup ───────────────────▶ │                         ┊   systemd has moved it (or the init, without one)
 *       │ limits ─────────────────────────────────────────────▶ │   its limits and its cpuset are set, and for `exec` its terminal
 *       │ ◀───────────────────────────────────────────── mounts │   a bind source may be there now: once for each such source
 *       │ tree.send ────────────────────────────▶ tree.receive │   the source
 *       │ ◀──────────────────────────────────────── environment │   namespaces and mounts are as they will be
 *       │ hooks ──────────────────────────────────────────────▶ │   prestart and createRuntime hooks have run
 *       │ console.receive ◀─────────────────────── console.open │   the terminal
 *       │ ◀────────────────────────────────────────────── ready │   only the command is left
 *       │ go ─────────────────────────────────────────────────▶ │   the state is written: the container is created
 *       │ child.wait_exec ◀─────────────────────────────── exec │   "E", end of file; after `create`, to `start`
 */
export const BARRIERS = {
  "user-namespace": "child",
  "id-map": "parent",
  cgroup: "parent",
  limits: "parent",
  mounts: "child",
  environment: "child",
  hooks: "parent",
  ready: "child",
  go: "parent",
} as const satisfies Readonly<Record<string, "parent" | "child">>; // who announces it

export type Barrier = keyof typeof BARRIERS;

/** Adds both sides of a barrier: the announcement and the waiting for it. `child` is the process at its other side. */
export function addBarrier(draft: PlanDraft, barrier: Barrier, child: "intermediate" | "init", from: Origin): void {
  const isOfParent = BARRIERS[barrier] === "parent";
  draft.add(isOfParent ? "parent" : child, from, { op: "sync.post", barrier });
  draft.add(isOfParent ? child : "parent", from, { op: "sync.wait", barrier });
}
