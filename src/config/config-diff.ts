import { exactJson } from "../base/exact-json.ts";
import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";

/** What is different at one place of a config; a side that has nothing there is absent. */
export interface ConfigChange {
  /** A JSON pointer into the later config, or into the earlier one where only that has the place. */
  readonly pointer: JsonPointer;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * What is different between two values of a config, by what the places mean: mounts are compared by destination, variables
 * by name, capabilities as a set. The order of entries counts nowhere. Pure.
 */
export function diffConfigs(before: unknown, after: unknown, pointer: JsonPointer = ""): readonly ConfigChange[] {
  if (isObject(before) && isObject(after)) {
    const names = [...Object.keys(before), ...Object.keys(after).filter((name) => !(name in before))];
    return names.flatMap((name) => diffConfigs(before[name], after[name], pointerTo(pointer, name)));
  }
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, pointer);
  if (before === after) return [];
  return [{ pointer, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function diffLists(
  before: readonly unknown[],
  after: readonly unknown[],
  pointer: JsonPointer,
): readonly ConfigChange[] {
  const [earlier, later] = [keyed(before, pointer), keyed(after, pointer)];
  const keys = new Set([...earlier.keys(), ...later.keys()]);
  return [...keys].flatMap((key) => {
    const [a, b] = [earlier.get(key), later.get(key)];
    return diffConfigs(a?.entry, b?.entry, pointerTo(pointer, (b ?? a)?.index ?? 0));
  });
}

interface Entry {
  readonly entry: unknown;
  readonly index: number;
}

function keyed(list: readonly unknown[], pointer: string): ReadonlyMap<string, Entry> {
  const isSequence = SEQUENCES.some((end) => pointer.endsWith(end));
  return new Map(list.map((entry, index) => [isSequence ? String(index) : keyOf(entry), { entry, index }]));
}

/** Whose order is their meaning. */
const SEQUENCES: readonly string[] = ["/args", "/uidMappings", "/gidMappings", "/syscalls"];

/** By which an entry of a list is known, in the order of preference. Sources: config.md, config-linux.md. */
const KEYS = ["destination", "path", "type", "pageSize", "interfaceName"] as const;

function keyOf(entry: unknown): string {
  // A variable; other strings have no "=", and are their own keys.
  if (typeof entry === "string") return entry.split("=", 1)[0] ?? "";
  if (!isObject(entry)) return String(entry);
  const key = KEYS.find((name) => typeof entry[name] === "string" && !(name === "type" && "allow" in entry));
  return key === undefined ? exactJson(entry) : `${key} ${String(entry[key])}`;
}

/** The changes as text, a line each: "~ /hostname: "a" → "b"", "+" for what is new, "-" for what has gone. Pure. */
export function printConfigChanges(changes: readonly ConfigChange[]): string {
  return changes.map((change) => `${printChange(change)}\n`).join("");
}

function printChange({ pointer, before, after }: ConfigChange): string {
  if (before === undefined) return `+ ${pointer}: ${exactJson(after)}`;
  if (after === undefined) return `- ${pointer}: ${exactJson(before)}`;
  return `~ ${pointer}: ${exactJson(before)} → ${exactJson(after)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
