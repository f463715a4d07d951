import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import type { Problem } from "../base/problem.ts";
import { scanJson } from "./json-scanner.ts";

/**
 * Warns about every member that an object of the text has twice: readers of JSON differ in which of them they take, this
 * one takes the last. Throws JsonSyntaxError. Source: glossary.md#json, RFC 8259 section 4.
 */
export function findDuplicateNames(text: string): readonly Problem[] {
  const seen = new Set<JsonPointer>();
  const twice = new Set<JsonPointer>();
  scanJson(text, ({ path }) => {
    const pointer = pointerTo("", ...path);
    if (seen.has(pointer)) twice.add(pointer);
    seen.add(pointer);
  });
  return [...twice].filter((pointer) => !hasAncestorIn(twice, pointer)).map(problemOf);
}

/** What is inside a repeated member is repeated as well. */
function hasAncestorIn(pointers: ReadonlySet<JsonPointer>, pointer: JsonPointer): boolean {
  for (const other of pointers) if (pointer.startsWith(`${other}/`)) return true;
  return false;
}

function problemOf(pointer: JsonPointer): Problem {
  return {
    code: "DUPLICATE_NAME",
    severity: "warning",
    pointer,
    message: "is there more than once: the last one counts here, and perhaps another one elsewhere",
    fix: "keep one of them",
    spec: "glossary.md#json",
  };
}
