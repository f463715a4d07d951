import { EngineError } from "../base/errors.ts";
import type { EngineContext } from "../container/engine-context.ts";
import { noteContainerEvent } from "../container/events.ts";
import type { Attachment, MonitorEvents } from "../container/monitor-protocol.ts";
import { readContainer } from "../container/store.ts";
import { followMonitor, type SignalSource } from "./follow-monitor.ts";

/** How a caller is with a container. */
export interface Following {
  readonly attachment: Attachment;
  readonly signals: SignalSource;
}

/** Stays with a container until it ends or the caller detaches. Gives the exit status for the caller. */
export async function followContainer(
  context: EngineContext,
  id: string,
  events: MonitorEvents,
  following: Following,
): Promise<number> {
  return await followMonitor(events, {
    ...following,
    ...(following.attachment.isCleaner && { cleanUp: () => finish(context, id) }),
    onDetached: () => noteDetached(context, id),
    afterLoss: () => afterLoss(context, id, following),
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

/** The monitor was killed: where the container runs on, another one shows it, without the input that the first one held. */
async function afterLoss(context: EngineContext, id: string, { attachment, signals }: Following): Promise<number> {
  const { paths } = context;
  await finish(context, id);
  const record = readContainer(paths, id);
  if (record?.life.phase === "exited") return record.life.exitCode;
  const { output, error } = attachment;
  const later = {
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    isCleaner: false,
    isRaw: false,
    detachKeys: [],
  };
  if (record !== undefined) await (await import("../container/recover.ts")).reviveMonitor(context, record);
  const { connectMonitor } = await import("../container/stop-container.ts");
  const events = record === undefined ? undefined : connectMonitor(paths, id, later);
  if (events === undefined) throw new EngineError("Cannot show the container any more: its monitor has ended");
  context.warn("The container's monitor has ended: another one shows what it writes from here on, and logs has it all");
  return await followContainer(context, id, events, { attachment: later, signals });
}
