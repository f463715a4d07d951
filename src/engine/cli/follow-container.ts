import { EngineError } from "../base/errors.ts";
import type { EngineContext } from "../container/engine-context.ts";
import { noteContainerEvent } from "../container/events.ts";
import type { MonitorEvents } from "../container/monitor-protocol.ts";
import { readContainer } from "../container/store.ts";
import { followMonitor, type SignalSource } from "./follow-monitor.ts";

/** Stays with a container until it ends or the caller detaches. Gives the exit status for the caller. */
export async function followContainer(
  context: EngineContext,
  id: string,
  events: MonitorEvents,
  { isCleaner, signals }: { readonly isCleaner: boolean; readonly signals: SignalSource },
): Promise<number> {
  return await followMonitor(events, {
    signals,
    ...(isCleaner && { cleanUp: () => finish(context, id) }),
    onDetached: () => noteDetached(context, id),
    afterLoss: () => afterLoss(context, id),
  });
}

function noteDetached({ paths }: EngineContext, id: string): void {
  const record = readContainer(paths, id);
  if (record !== undefined) noteContainerEvent(paths, record, "detach");
}

async function finish(context: EngineContext, id: string): Promise<void> {
  context.endPhase?.("its command ran");
  await (await finishing()).finishContainer(context, id);
  context.endPhase?.("clear up after it");
}

/** Loaded while the container starts: by then this process has nothing else to do. */
export function finishing(): Promise<typeof import("../container/finish-container.ts")> {
  return import("../container/finish-container.ts");
}

/** The monitor was killed: the container may run on, without anybody who shows it. */
async function afterLoss(context: EngineContext, id: string): Promise<number> {
  await finish(context, id);
  const record = readContainer(context.paths, id);
  if (record?.life.phase === "exited") return record.life.exitCode;
  throw new EngineError(`Cannot show the container any more: its monitor has ended`, {
    fix: `"mydocker attach ${id.slice(0, 12)}" connects anew`,
  });
}
