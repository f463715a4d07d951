import type { PlanDraft } from "../draft.ts";
import type { PlanInput } from "../plan-input.ts";
import type { Plan } from "../step.ts";

/** A service manager's socket, and the directory with the container's own, which its config mounts. */
export interface NotifyInput {
  /** What NOTIFY_SOCKET of the runtime's environment says: a path, or "@" and a name of no file. */
  readonly manager: string;
  readonly directory: string;
}

/** Within the directory, on both sides of the mount. */
export const NOTIFY_SOCKET_NAME = "notify.sock";

const FROM = { implied: "runtime.md#start" } as const;

/** The directory, and for a container that runs at once the socket; else `start` makes it. Gives the socket's slot. */
export function addNotifySocket(draft: PlanDraft, { notify, verb }: PlanInput): number {
  if (notify === undefined) return 0;
  const { directory } = notify;
  const undo = JSON.stringify({ undo: "rmdir", path: directory });
  draft.add("parent", FROM, { op: "notify.mkdir", path: directory, undo });
  const path = `${directory}/${NOTIFY_SOCKET_NAME}`;
  const undoSocket = JSON.stringify({ undo: "unlink", path });
  const slot = draft.newSlot();
  draft.add("parent", FROM, { op: "notify.listen", path, undo: undoSocket, slot });
  return verb === "run" ? slot : 0;
}

/** Until the container is ready; in the foreground while its end is waited for. Nobody may be locked out any more. */
export function addNotifyForward(draft: PlanDraft, { notify, detach }: PlanInput, slot: number): void {
  if (notify === undefined || slot === 0) return;
  const foreground = detach ? 0 : 1;
  draft.add("parent", FROM, { op: "notify.forward", slot, manager: notify.manager, pid: 0, startTime: 0, foreground });
}

/** After the container's end: what `delete` does with the journal, planned ahead. */
export function addNotifyRemoval(draft: PlanDraft, { notify }: PlanInput): void {
  if (notify !== undefined) draft.add("parent", FROM, { op: "notify.remove", directory: notify.directory });
}

/** What `start` does when the command runs: slot `slot` has the container's socket. */
export function notifyPlan(id: string, manager: string, slot: number, pid: number, startTime: number): Plan {
  const op = { op: "notify.forward", slot, manager, pid, startTime, foreground: 0 } as const;
  return { verb: "start", id, steps: [{ at: "parent", from: FROM, op }] };
}
