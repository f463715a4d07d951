import type { EnginePaths } from "../base/paths.ts";
import type { EngineContext } from "./engine-context.ts";
import { readEvents } from "./events.ts";
import { finishContainer } from "./finish-container.ts";
import type { ContainerRecord } from "./record.ts";
import { liveStatus, readExit } from "./status.ts";
import { connectMonitor } from "./stop-container.ts";
import { findContainer, readContainer } from "./store.ts";

/** What `wait --condition` may wait for. Source: docker's API, ContainerWait. */
export const WAIT_CONDITIONS = ["not-running", "next-exit", "removed"] as const;

export type WaitCondition = (typeof WAIT_CONDITIONS)[number];

export function isWaitCondition(text: string): text is WaitCondition {
  return WAIT_CONDITIONS.some((condition) => condition === text);
}

const POLL_MS = 50;

/** Waits until a container has ended, or is gone, and gives its exit status. Throws EngineError where there is none. */
export async function waitForContainer(
  context: EngineContext,
  word: string,
  condition: WaitCondition,
): Promise<number> {
  const { paths } = context;
  const record = findContainer(paths, word);
  if (condition === "next-exit") await until(() => isGone(paths, record) || hasBegun(paths, record));
  const status = await exitStatus(context, record.id);
  if (condition !== "removed") return status;
  await until(() => isGone(paths, record));
  return lastStatus(paths, record) ?? status;
}

/** It may have run again before it was removed, which the events tell. */
function lastStatus(paths: EnginePaths, { id }: ContainerRecord): number | undefined {
  const end = readEvents(paths).findLast(({ Action, Actor }) => Action === "die" && Actor.ID === id);
  return end === undefined ? undefined : Number(end.Actor.Attributes.exitCode);
}

function isGone(paths: EnginePaths, { id }: ContainerRecord): boolean {
  return readContainer(paths, id) === undefined;
}

/** It runs, or has been started since the record was read. */
function hasBegun(paths: EnginePaths, before: ContainerRecord): boolean {
  const now = readContainer(paths, before.id);
  return now !== undefined && (liveStatus(paths, now).pid !== 0 || now.life.startedAt !== before.life.startedAt);
}

/** The monitor tells it; where the end is over, the record does. */
async function exitStatus(context: EngineContext, id: string): Promise<number> {
  const { paths } = context;
  const told = await toldStatus(paths, id);
  if (told !== undefined) return told;
  const record = readContainer(paths, id);
  // Its monitor was killed: there is nobody who could tell.
  if (record !== undefined) await until(() => liveStatus(paths, record).pid === 0);
  const exit = readExit(paths, id);
  await finishContainer(context, id);
  return readContainer(paths, id)?.life.exitCode ?? exit?.status ?? 0;
}

async function toldStatus(paths: EnginePaths, id: string): Promise<number | undefined> {
  const events = connectMonitor(paths, id);
  if (events === undefined) return undefined;
  let status: number | undefined;
  for (let event = await events.next(); event.kind !== "closed"; event = await events.next()) {
    if (event.kind === "exit") status = event.status;
  }
  events.close();
  return status;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
