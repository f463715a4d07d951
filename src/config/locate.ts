import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import { type ScannedValue, scanJson } from "./json-scanner.ts";

/** A place in a text, both counted from 1; columns in UTF-16 code units, as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a value stands in the text of a config. */
export interface Location {
  /** Where its member name starts; the value itself for array elements and the whole document. */
  readonly start: Position;
  /** Behind its last character. */
  readonly end: Position;
  /** False where the pointer's own place is missing: then this is the nearest thing around it. */
  readonly exact: boolean;
}

/**
 * Prepares to find places in the text of a config: `locateIn(text)("/mounts/3/options")`. A pointer to something that
 * is missing finds what it is missing from. Throws JsonSyntaxError. Off the hot path: for errors and `validate`.
 */
export function locateIn(text: string): (pointer: JsonPointer) => Location {
  const values = new Map<JsonPointer, ScannedValue>();
  // Of members with the same name the last one counts, as for JSON.parse.
  scanJson(text, (value) => values.set(pointerTo("", ...value.path), value));
  const positionOf = positionsIn(text);
  return (pointer) => {
    const [found, value] = nearest(values, pointer);
    return {
      start: positionOf(value.key?.start ?? value.start),
      end: positionOf(value.end),
      exact: found === pointer,
    };
  };
}

/** The line and column of an offset. */
export function positionAt(text: string, offset: number): Position {
  return positionsIn(text)(offset);
}

function nearest(values: ReadonlyMap<JsonPointer, ScannedValue>, pointer: JsonPointer): [JsonPointer, ScannedValue] {
  let place = pointer;
  let value = values.get(place);
  while (value === undefined) {
    place = parentOf(place);
    value = values.get(place);
  }
  return [place, value];
}

function parentOf(pointer: JsonPointer): JsonPointer {
  if (pointer === "") throw new RangeError("a scanned text has a value at its top");
  // What is in front of the last slash is empty or begins with a slash, as the pointer does.
  return pointer.slice(0, pointer.lastIndexOf("/")) as JsonPointer;
}

function positionsIn(text: string): (offset: number) => Position {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return (offset) => {
    let line = lineStarts.length;
    while (line > 1 && (lineStarts[line - 1] ?? 0) > offset) line -= 1;
    return { line, column: offset - (lineStarts[line - 1] ?? 0) + 1 };
  };
}
