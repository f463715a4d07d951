import { parseSignal } from "../../linux/signals.ts";
import { close, connectUnix } from "../../sys/descriptors.ts";
import { pidfdOpen, pidfdSend } from "../../sys/processes.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import { finishContainer } from "./finish-container.ts";
import { type Attachment, MonitorEvents, sendAttachment, sendDone } from "./monitor-protocol.ts";
import { pauseContainer } from "./pause-container.ts";
import { type ContainerRecord, withLife } from "./record.ts";
import { livePid, liveStatus } from "./status.ts";
import { changeContainer, findContainer, readContainer, runDirectory } from "./store.ts";

export interface StopOptions {
  /** What is sent first: a name or a number; absent: the container's own stop signal. */
  readonly signal?: string | undefined;
  /** How long it has until it is killed; absent: its own time, or 10. -1: for ever. */
  readonly timeoutSeconds?: number | undefined;
  /** For a removal: no event tells that it was stopped. */
  readonly isRemoval?: boolean;
}

const DEFAULT_SECONDS = 10;
const KILL = 9;

/** Ends a container and waits until all is cleared up. Nothing to do where it does not run. */
export async function stopContainer(
  context: EngineContext,
  id: string,
  { signal, timeoutSeconds, isRemoval = false }: StopOptions,
): Promise<void> {
  const { paths } = context;
  const record = changeContainer(paths, id, (one) => withLife(one, { isStopWanted: true }));
  const { status } = liveStatus(paths, record);
  if (status === "restarting") {
    await endRestarting(context, record);
    return;
  }
  const events = connectMonitor(paths, id);
  try {
    if (status === "running" || status === "paused") await end(context, record, { signal, timeoutSeconds });
    // The monitor ends once all is cleared up.
    if (events !== undefined)
      for (let event = await events.next(); event.kind !== "closed"; ) event = await events.next();
  } finally {
    events?.close();
  }
  await finishContainer(context, id);
  if (!isRemoval && (status === "running" || status === "paused")) noteContainerEvent(paths, record, "stop");
}

async function end(
  context: EngineContext,
  record: ContainerRecord,
  { signal, timeoutSeconds }: StopOptions,
): Promise<void> {
  const { paths } = context;
  const first = signal ?? record.config.StopSignal ?? "TERM";
  const seconds = timeoutSeconds ?? record.config.StopTimeout ?? DEFAULT_SECONDS;
  kill(paths, record, requireSignal(first));
  if (liveStatus(paths, record).status === "paused") await pauseContainer(context, record, false);
  const isOver = await hasEndedWithin(paths, record.id, seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000);
  if (isOver) return;
  kill(paths, record, KILL);
  await hasEndedWithin(paths, record.id, Number.POSITIVE_INFINITY);
}

function kill(paths: EnginePaths, record: ContainerRecord, signal: number): void {
  if (sendSignalTo(paths, record, signal)) noteContainerEvent(paths, record, "kill", { signal: String(signal) });
}

/** Looks often at first: most programs end at once. */
async function hasEndedWithin(paths: EnginePaths, id: string, milliseconds: number): Promise<boolean> {
  const start = performance.now();
  for (let pause = 1; livePid(paths, id) !== undefined; pause = Math.min(50, pause * 2)) {
    if (performance.now() - start >= milliseconds) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}

/** The number of a signal, by its name with or without SIG, or by its number. Throws EngineError. */
export function requireSignal(text: string): number {
  const number = parseSignal(text);
  if (number === undefined) throw new EngineError(`Invalid signal: ${text}`, { code: "ERR_USAGE", flag: "--signal" });
  return number;
}

/** Sends a signal to a container's first process; false where it has ended. A pid that another process has now is safe. */
export function sendSignalTo(paths: EnginePaths, { id }: ContainerRecord, signal: number): boolean {
  const pid = livePid(paths, id);
  const pidfd = pid === undefined ? undefined : pidfdOpen(pid);
  if (pidfd === undefined) return false;
  try {
    // The descriptor holds the process that has the pid now: is it still the container's?
    return livePid(paths, id) === pid && pidfdSend(pidfd, signal);
  } finally {
    close(pidfd);
  }
}

const ONLY_EVENTS: Attachment = { isCleaner: false, isRaw: false, detachKeys: [] };

/** The connection to a container's monitor; undefined where there is none any more. */
export function connectMonitor(paths: EnginePaths, id: string, attachment = ONLY_EVENTS): MonitorEvents | undefined {
  try {
    const events = new MonitorEvents(connectUnix(`${runDirectory(paths, id)}/attach.sock`));
    sendAttachment(events.socket, attachment);
    return events;
  } catch {
    return undefined;
  }
}

/** The monitor waits before another start: it need not. */
async function endRestarting({ paths }: EngineContext, record: ContainerRecord): Promise<void> {
  const events = connectMonitor(paths, record.id);
  if (events !== undefined) {
    sendDone(events.socket);
    for (let event = await events.next(); event.kind !== "closed"; ) event = await events.next();
    events.close();
  }
  if (readContainer(paths, record.id) === undefined) return;
  changeContainer(paths, record.id, (one) =>
    one.life.phase === "restarting" ? withLife(one, { phase: "exited" }) : one,
  );
}

/** `kill`: a signal, without waiting for what becomes of it. Throws EngineError where the container does not run. */
export function killContainer(context: EngineContext, word: string, signal: string): void {
  const { paths } = context;
  const record = findContainer(paths, word);
  const number = requireSignal(signal);
  const { status } = liveStatus(paths, record);
  if (status !== "running" && status !== "paused") {
    throw new EngineError(`cannot kill container: ${word}: container ${record.id} is not running`, {
      code: "ERR_CONTAINER_STATUS",
    });
  }
  if (number === KILL) changeContainer(paths, record.id, (one) => withLife(one, { isStopWanted: true }));
  kill(paths, record, number);
}
