import { RuntimeError } from "../../base/errors.ts";
import { close } from "../../sys/descriptors.ts";
import { lockFile, makeDirs, readTextIfExists, tryLockFile, writeAtomic } from "../../sys/files.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { EngineContext } from "./engine-context.ts";
import type { ContainerRecord } from "./record.ts";
import { type LiveStatus, liveStatus } from "./status.ts";
import { runDirectory } from "./store.ts";

/**
 * Does something while a container's processes are suspended, and lets them go on then; a container that is paused already
 * stays so. Others that want the same wait: the first to end would wake it under the rest. Throws what `act` throws.
 */
export async function whilePaused<T>(
  context: EngineContext,
  record: ContainerRecord,
  act: () => T | Promise<T>,
): Promise<T> {
  const { paths } = context;
  if (!isRunning(paths, record)) return await act();
  makeDirs(runDirectory(paths, record.id), 0o700);
  const lock = lockFile(lockPath(paths, record), "exclusive");
  try {
    if (!isRunning(paths, record)) return await act();
    return await suspended(context, record, act);
  } finally {
    close(lock);
  }
}

async function suspended<T>(context: EngineContext, record: ContainerRecord, act: () => T | Promise<T>): Promise<T> {
  // Said before it is done: who is killed meanwhile cannot wake it.
  writeAtomic(pauseNote(context.paths, record.id), "paused\n", 0o600);
  const isPaused = await couldPause(context, record);
  try {
    return await act();
  } finally {
    if (isPaused) await pause(context, record, false);
    writeAtomic(pauseNote(context.paths, record.id), "", 0o600);
  }
}

/**
 * A container's status; one that somebody has suspended for a while, and was killed before it could wake it, goes on now. To
 * be asked with what liveStatus says.
 */
export async function awakened(context: EngineContext, record: ContainerRecord, live: LiveStatus): Promise<LiveStatus> {
  const { paths } = context;
  if (live.status !== "paused" || !readTextIfExists(pauseNote(paths, record.id))) return live;
  const lock = tryLockFile(lockPath(paths, record), "exclusive");
  // It is suspended right now.
  if (lock === undefined) return live;
  try {
    if (liveStatus(paths, record).status === "paused") await pause(context, record, false);
    writeAtomic(pauseNote(paths, record.id), "", 0o600);
    return liveStatus(paths, record);
  } finally {
    close(lock);
  }
}

/** Without a cgroup a container goes on meanwhile, which is told: so are most of ordinary users' containers. */
async function couldPause(context: EngineContext, record: ContainerRecord): Promise<boolean> {
  try {
    await pause(context, record, true);
    return true;
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== "ERR_NOT_SUPPORTED") throw error;
    context.warn(`${error.message}; it goes on while its files are read`);
    return false;
  }
}

/** Loaded where something is paused: whatever lists containers has this module. */
async function pause(context: EngineContext, record: ContainerRecord, isPause: boolean): Promise<void> {
  const { pauseContainer } = await import("./pause-container.ts");
  await pauseContainer(context, record, isPause);
}

function isRunning(paths: EnginePaths, record: ContainerRecord): boolean {
  return liveStatus(paths, record).status === "running";
}

function lockPath(paths: EnginePaths, { id }: ContainerRecord): string {
  return `${runDirectory(paths, id)}/pause.lock`;
}

/** Not empty while the container is suspended for a while. */
export function pauseNote(paths: EnginePaths, id: string): string {
  return `${runDirectory(paths, id)}/paused-for-a-while`;
}
