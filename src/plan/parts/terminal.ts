import type { PlanDraft } from "../draft.ts";
import type { PlanInput, Process } from "../plan-input.ts";

/** The socket that gets the terminal's master; 0 where this very command keeps it, in the foreground. */
export function connectConsole(draft: PlanDraft, input: Pick<PlanInput, "consoleSocket">): number {
  if (input.consoleSocket === undefined) return 0;
  const slot = draft.newSlot();
  draft.add("parent", { flag: "--console-socket" }, { op: "console.connect", slot, path: input.consoleSocket });
  return slot;
}

/** A terminal of the container's own devpts becomes the standard streams, and the init's /dev/console. Source: config.md#process. */
export function addConsole(draft: PlanDraft, process: Process, slot: number, isDevConsole: boolean): void {
  const from = { config: "/process/terminal" } as const;
  draft.add("init", from, {
    op: "console.open",
    slot,
    rows: process.consoleSize?.height ?? 0,
    columns: process.consoleSize?.width ?? 0,
    uid: process.user?.uid ?? 0,
    bind: isDevConsole ? 1 : 0,
  });
  if (slot === 0) draft.add("parent", from, { op: "console.receive" });
}
