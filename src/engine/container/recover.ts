import { close, socketPair } from "../../sys/descriptors.ts";
import { isLocked } from "../../sys/files.ts";
import { EngineError } from "../base/errors.ts";
import { tryLockObject } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { EngineContext } from "./engine-context.ts";
import { type ContainerRecord, withLife } from "./record.ts";
import { type LiveStatus, livePid, liveStatus } from "./status.ts";
import { openContainer, readContainer, runDirectory, writeContainer } from "./store.ts";
import { awakened } from "./while-paused.ts";

/** Whether a container's monitor lives: it holds a lock, which the kernel lets go at its end, whatever that is. */
export function hasMonitor(paths: EnginePaths, id: string): boolean {
  return isLocked(`${runDirectory(paths, id)}/lock`);
}

/** Gives a running container whose monitor was killed another one, which goes on where the first one was. */
export async function reviveMonitor(context: EngineContext, { id }: ContainerRecord): Promise<void> {
  const { paths, selfArgv } = context;
  if (hasMonitor(paths, id)) return;
  const { record, lock } = openContainer(paths, id);
  try {
    const adopt = livePid(paths, id);
    // Somebody was faster, or the container has ended.
    if (adopt === undefined || hasMonitor(paths, id)) return;
    const { startMonitor } = await import("./monitor.ts");
    const { MonitorEvents, sendAttachment } = await import("./monitor-protocol.ts");
    const [own, monitors] = socketPair("stream");
    const events = new MonitorEvents(own);
    try {
      sendAttachment(own, { isCleaner: false, isRaw: false, detachKeys: [] });
      startMonitor({ paths, record, commands: [], selfArgv, adopt, client: monitors });
    } finally {
      close(monitors);
    }
    const event = events.nextBlocking();
    events.close();
    if (event.kind === "closed") throw new EngineError(`Cannot start another monitor for container ${id}`);
  } finally {
    lock.release();
  }
}

/**
 * Brings a container's record in line with what a crash has left: whoever reads a record calls it. Gives the record as it
 * is then, or undefined where the container has removed itself.
 */
export async function recoverContainer(
  context: EngineContext,
  record: ContainerRecord,
): Promise<ContainerRecord | undefined> {
  const { paths } = context;
  const { phase } = record.life;
  if (phase !== "running" && phase !== "starting") return record;
  if (phase === "starting" && livePid(paths, record.id) !== undefined) return noteStarted(context, record);
  if (hasMonitor(paths, record.id)) return record;
  if (livePid(paths, record.id) !== undefined) {
    if (phase === "running") await reviveMonitor(context, record);
    return record;
  }
  const { finishContainer } = await import("./finish-container.ts");
  const afterwards = await finishContainer(context, record.id);
  // Without a monitor there is nobody else who would start it again.
  if (afterwards.kind === "restart" && !hasMonitor(paths, record.id)) {
    const attachment = { isCleaner: false, isRaw: false, detachKeys: [] };
    const { startContainer } = await import("./start-container.ts");
    (await startContainer(context, { id: record.id, isRestart: true, attachment })).events.close();
  }
  return readContainer(paths, record.id);
}

/** Who started it was killed before it could say so. */
function noteStarted({ paths }: EngineContext, record: ContainerRecord): ContainerRecord {
  const lock = tryLockObject(paths, "container", record.id);
  // It is being started right now.
  if (lock === undefined) return record;
  try {
    const current = readContainer(paths, record.id) ?? record;
    if (current.life.phase !== "starting" || livePid(paths, record.id) === undefined) return current;
    // The monitor wrote it when the container began to run.
    const startedAt = process
      .getBuiltinModule("node:fs")
      .statSync(`${runDirectory(paths, record.id)}/status`)
      .mtime.toISOString();
    const running = withLife(current, { phase: "running", startedAt, exitCode: 0 });
    writeContainer(paths, running);
    return running;
  } finally {
    lock.release();
  }
}

/** As recoverContainer for every one of a list; what goes wrong is told. */
export async function recoverContainers(
  context: EngineContext,
  records: readonly ContainerRecord[],
): Promise<readonly ContainerRecord[]> {
  const recovered: ContainerRecord[] = [];
  for (const record of records) {
    try {
      const one = await recoverContainer(context, record);
      if (one !== undefined) recovered.push(one);
    } catch (error) {
      context.warn(error instanceof Error ? error.message : String(error));
      recovered.push(record);
    }
  }
  return recovered;
}

/** What a container is now, after what a crash has left was put right. */
export async function currentStatus(context: EngineContext, record: ContainerRecord) {
  const current = (await recoverContainer(context, record)) ?? record;
  return { record: current, live: await awakened(context, current, shownStatus(context.paths, current)) };
}

/** As liveStatus; but a container has not ended for others before its monitor has told how. */
export function shownStatus(paths: EnginePaths, record: ContainerRecord, live = liveStatus(paths, record)): LiveStatus {
  const isUntold = live.status === "exited" && record.life.phase === "running" && live.exit === undefined;
  return isUntold && hasMonitor(paths, record.id) ? { status: "running", pid: 0 } : live;
}
