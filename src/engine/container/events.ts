import { close } from "../../sys/descriptors.ts";
import { appendText, readTextIfExists } from "../../sys/files.ts";
import { lookTree, openTree } from "../../sys/tree.ts";
import { isDiskFull } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import { containerEvent, type EventFacts } from "./event-facts.ts";
import type { ContainerRecord } from "./record.ts";
import type { RotatedFiles } from "./rotated-reader.ts";

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

export function eventFiles({ root }: EnginePaths): RotatedFiles {
  return { path: `${root}/${EVENTS_FILE}`, maxFiles: 2 };
}

/** Notes what happened, in this order. There is no daemon that could tell it: `events` reads the file. A full disk loses it. */
export function noteEvents(paths: EnginePaths, ...events: readonly EventFacts[]): void {
  const now = Date.now();
  const whole = { scope: "local", time: Math.floor(now / 1000), timeNano: now * 1e6 };
  try {
    const lines = events.map((event) => `${JSON.stringify({ ...event, ...whole })}\n`);
    appendText(eventFiles(paths).path, lines.join(""), 0o600);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

export function noteContainerEvent(
  paths: EnginePaths,
  record: ContainerRecord,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void {
  noteEvents(paths, containerEvent(record, action, more));
}

/** Keeps the file from growing without end: what is older goes into one more file, which the next time replaces. */
export function trimEvents(paths: EnginePaths): void {
  if (eventsSize(paths) <= MAX_BYTES) return;
  const { path } = eventFiles(paths);
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
  const { path } = eventFiles(paths);
  const texts = [`${path}.1`, path].map((file) => readTextIfExists(file, 2 * MAX_BYTES) ?? "");
  return texts.flatMap((text) => text.split("\n").flatMap(parseEvent));
}

/** A line that a crash has cut is left out. */
export function parseEvent(line: string): readonly EngineEvent[] {
  try {
    const value: unknown = JSON.parse(line);
    // Written by noteEvents.
    return typeof value === "object" && value !== null && "Actor" in value ? [value as EngineEvent] : [];
  } catch {
    return [];
  }
}
