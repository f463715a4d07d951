import { pathType, readTextIfExists, unlink } from "../../sys/files.ts";
import type { EnginePaths } from "../base/paths.ts";
import { cgroupMounts, unifiedMount } from "./cgroup-mounts.ts";
import { containerCgroup } from "./container-cgroup.ts";
import type { EngineContext } from "./engine-context.ts";
import { containerEvent, endingEvents } from "./event-facts.ts";
import { noteEvents, trimEvents } from "./events.ts";
import { type ContainerRecord, type LifeRecord, withLife } from "./record.ts";
import { releaseResources } from "./release-resources.ts";
import { removeUnlocked } from "./remove-unlocked.ts";
import { type ExitReport, exitPaths, livePid, readExit } from "./status.ts";
import { openContainer, readContainer, runDirectory, writeContainer } from "./store.ts";

/** What is to happen after a container has ended. */
export type Afterwards = { readonly kind: "stay" } | { readonly kind: "restart"; readonly step: number };

/** A run of this length counts as a success: the pauses between restarts begin anew. */
const STEADY_MS = 10_000;
const MAX_STEP = 10;
/** Nobody saw how it ended: the monitor was killed, or the machine went down. */
const UNKNOWN_STATUS = 255;

/**
 * Clears up after a container that has ended: the runtime's state, its network, its mount; notes how it ended; removes it
 * where it was to be. Whoever comes second finds nothing to do. Gives whether it is to be started again.
 */
export async function finishContainer(context: EngineContext, id: string): Promise<Afterwards> {
  const { paths } = context;
  if (readContainer(paths, id) === undefined) return { kind: "stay" };
  const { record, lock } = openContainer(paths, id);
  try {
    const { phase, isStopWanted, restartCount } = record.life;
    // Somebody else was first, and the monitor asks now.
    if (phase === "restarting" && !isStopWanted) return { kind: "restart", step: Math.min(MAX_STEP, restartCount) };
    return isUnfinished(paths, record) ? await finishUnlocked(context, record) : { kind: "stay" };
  } finally {
    lock.release();
  }
}

/** Whether a container has ended, and nobody has cleared up after it yet. */
export function isUnfinished(paths: EnginePaths, { id, life: { phase } }: ContainerRecord): boolean {
  return (phase === "running" || phase === "starting") && livePid(paths, id) === undefined;
}

/** For whoever holds the container's lock, where it is unfinished. */
export async function finishUnlocked(context: EngineContext, record: ContainerRecord): Promise<Afterwards> {
  const { paths } = context;
  const exit = readExit(paths, record.id) ?? (await toldExit(paths, record.id));
  const oomKilled = wasOutOfMemory(record);
  if (exit === undefined) await recoverUntold(paths, record);
  const networks = await releaseResources(context, record);
  const finishedAt = exit?.at ?? new Date().toISOString();
  const afterwards = decide(record, exit?.status ?? UNKNOWN_STATUS, finishedAt);
  const ended = withLife(record, {
    phase: afterwards.kind === "restart" ? "restarting" : "exited",
    finishedAt,
    exitCode: exit?.status ?? UNKNOWN_STATUS,
    oomKilled,
  });
  noteEvents(
    paths,
    ...(oomKilled ? [containerEvent(ended, "oom")] : []),
    containerEvent(ended, "die", { exitCode: String(ended.life.exitCode) }),
    ...endingEvents(ended, networks),
  );
  if (record.hostConfig.AutoRemove) await removeUnlocked(context, ended, { withVolumes: true });
  else {
    writeContainer(paths, ended);
    clearRunFiles(context, record.id);
  }
  trimEvents(paths);
  return afterwards;
}

const TELLING_MS = 2000;

/** What a monitor that is there tells in a moment; undefined where it does not go on. */
async function toldExit(paths: EnginePaths, id: string): Promise<ExitReport | undefined> {
  const { hasMonitor } = await import("./recover.ts");
  for (const start = performance.now(); hasMonitor(paths, id) && performance.now() - start < TELLING_MS; ) {
    const exit = readExit(paths, id);
    if (exit !== undefined) return exit;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return readExit(paths, id);
}

/** Its monitor was killed, and none has come since: what that one had read goes into the log. */
async function recoverUntold(paths: EnginePaths, record: ContainerRecord): Promise<void> {
  const { hasMonitor } = await import("./recover.ts");
  if (pathType(`${runDirectory(paths, record.id)}/chunk`) === undefined || hasMonitor(paths, record.id)) return;
  (await import("./monitor.ts")).recoverOutput(paths, record);
}

function clearRunFiles({ paths }: EngineContext, id: string): void {
  for (const path of [...exitPaths(paths, id), `${runDirectory(paths, id)}/status`]) {
    if (pathType(path) !== undefined) unlink(path);
  }
}

/** Pure: whether the policy wants another start, and after how long a pause. */
export function decide(
  { hostConfig, life }: Pick<ContainerRecord, "hostConfig" | "life">,
  status: number,
  finishedAt: string,
): Afterwards {
  const { Name: policy, MaximumRetryCount: limit } = hostConfig.RestartPolicy;
  const isWanted =
    policy === "always" ||
    policy === "unless-stopped" ||
    (policy === "on-failure" && status !== 0 && (limit === 0 || life.restartCount < limit));
  if (!isWanted || life.isStopWanted) return { kind: "stay" };
  return { kind: "restart", step: Math.min(MAX_STEP, pauseStep(life, finishedAt)) };
}

function pauseStep({ startedAt, restartCount }: LifeRecord, finishedAt: string): number {
  return Date.parse(finishedAt) - Date.parse(startedAt) > STEADY_MS ? 0 : restartCount;
}

/** The kernel counts what it has killed for want of memory, as long as the cgroup is there. Source: memory.events, memory.oom_control. */
function wasOutOfMemory(record: ContainerRecord): boolean {
  const path = containerCgroup(record);
  const read = (mount: string | undefined, file: string) =>
    mount === undefined ? undefined : readTextIfExists(`${mount}${path}/${file}`);
  const text = read(unifiedMount(), "memory.events") ?? read(cgroupMounts().get("memory"), "memory.oom_control") ?? "";
  return Number(/^oom_kill ([0-9]+)$/m.exec(text)?.[1] ?? 0) > 0;
}
