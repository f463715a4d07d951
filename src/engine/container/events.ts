import { close } from "../../sys/descriptors.ts";
import { appendText, readTextIfExists } from "../../sys/files.ts";
import { lookTree, openTree } from "../../sys/tree.ts";
import { isDiskFull } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ContainerRecord } from "./record.ts";

/** Something that has happened to an object; the members are docker's. */
export interface EngineEvent {
  readonly Type: "container" | "image" | "volume" | "network";
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: "local";
  /** The action, the object's id and its image once more, under docker's older names: of containers and images. */
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly timeNano: number;
}

const MAX_BYTES = 4 << 20;
const EVENTS_FILE = "events.json";

export function eventsPath({ root }: EnginePaths): string {
  return `${root}/${EVENTS_FILE}`;
}

/** Notes an event. There is no daemon that could tell it: `events` reads the file. A full disk loses it. */
export function noteEvent(paths: EnginePaths, event: Pick<EngineEvent, "Type" | "Action" | "Actor">): void {
  const now = Date.now();
  const whole = { ...event, scope: "local", time: Math.floor(now / 1000), timeNano: now * 1e6 };
  try {
    appendText(eventsPath(paths), `${JSON.stringify(whole)}\n`, 0o600);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

export function noteContainerEvent(
  paths: EnginePaths,
  { id, name, config }: ContainerRecord,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const Attributes = { ...config.Labels, image: config.Image, name, ...more };
  noteEvent(paths, { Type: "container", Action: action, Actor: { ID: id, Attributes } });
}

/** Keeps the file from growing without end: what is older goes into one more file, which the next time replaces. */
export function trimEvents(paths: EnginePaths): void {
  if (eventsSize(paths) <= MAX_BYTES) return;
  const path = eventsPath(paths);
  process.getBuiltinModule("node:fs").renameSync(path, `${path}.1`);
}

/** An event with the older names that templates ask for. */
export function withOlderNames(event: EngineEvent): EngineEvent {
  const { Type, Action, Actor } = event;
  if (Type !== "container" && Type !== "image") return event;
  const image = Actor.Attributes.image;
  return { status: Action, id: Actor.ID, ...(image !== undefined && { from: image }), ...event };
}

function eventsSize({ root }: EnginePaths): number {
  const directory = openTree(root);
  try {
    return lookTree(directory, EVENTS_FILE)?.size ?? 0;
  } finally {
    close(directory);
  }
}

/** Every event that is still known, the oldest first. */
export function readEvents(paths: EnginePaths): readonly EngineEvent[] {
  const texts = [`${eventsPath(paths)}.1`, eventsPath(paths)].map(
    (path) => readTextIfExists(path, 2 * MAX_BYTES) ?? "",
  );
  return texts.flatMap((text) => text.split("\n").flatMap(parseEvent));
}

/** A line that a crash has cut is left out. */
export function parseEvent(line: string): readonly EngineEvent[] {
  try {
    const value: unknown = JSON.parse(line);
    // Written by noteEvent.
    return typeof value === "object" && value !== null && "Actor" in value ? [value as EngineEvent] : [];
  } catch {
    return [];
  }
}
