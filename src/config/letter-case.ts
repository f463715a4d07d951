import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import type { Problem } from "../base/problem.ts";
import type { Shape } from "./config-shape.ts";
import { scanJson } from "./json-scanner.ts";

/** A text whose names are spelt as the spec spells them, and what is to be said of those that were not. */
export interface SpelledText {
  readonly text: string;
  readonly warnings: readonly Problem[];
}

/**
 * Spells the names of members that differ from one of the spec in letter case alone as the spec does: other runtimes are
 * written in Go, whose reader takes them in any case, and what is meant as a limit must not be left out. Undefined where there
 * are none. A name beside the right one is left alone. Source: encoding/json, "Unmarshal".
 */
export function withSpecNames(text: string, value: unknown, shape: Shape): SpelledText | undefined {
  const names = new Map<JsonPointer, string>();
  const warnings: Problem[] = [];
  collect(value, shape, "", "");
  return names.size === 0 ? undefined : { text: renamed(text, names), warnings };

  function collect(
    inner: unknown,
    { properties, items, values }: Shape,
    written: JsonPointer,
    meant: JsonPointer,
  ): void {
    if (typeof inner !== "object" || inner === null) return;
    for (const [name, member] of Object.entries(inner)) {
      const right = Array.isArray(inner) ? name : (otherCaseOf(name, inner, properties) ?? name);
      const place = pointerTo(meant, right);
      if (right !== name) {
        names.set(pointerTo(written, name), right);
        warnings.push(problemOf(place, name, right));
      }
      const known = items ?? (properties && Object.hasOwn(properties, right) ? properties[right] : values);
      if (known !== undefined) collect(member, known, pointerTo(written, name), place);
    }
  }
}

function otherCaseOf(name: string, beside: object, properties: Shape["properties"] = {}): string | undefined {
  if (Object.hasOwn(properties, name)) return undefined;
  const lower = name.toLowerCase();
  return Object.keys(properties).find((known) => known.toLowerCase() === lower && !Object.hasOwn(beside, known));
}

function renamed(text: string, names: ReadonlyMap<JsonPointer, string>): string {
  const parts: string[] = [];
  let at = 0;
  // Sorted: a member is reported after those inside it.
  for (const { start, end, name } of spansOf(text, names).sort((one, other) => one.start - other.start)) {
    parts.push(text.slice(at, start), JSON.stringify(name));
    at = end;
  }
  return [...parts, text.slice(at)].join("");
}

function spansOf(text: string, names: ReadonlyMap<JsonPointer, string>) {
  const spans: { readonly start: number; readonly end: number; readonly name: string }[] = [];
  scanJson(text, ({ path, key }) => {
    const name = names.get(pointerTo("", ...path));
    if (name !== undefined && key !== undefined) spans.push({ ...key, name });
  });
  return spans;
}

function problemOf(pointer: JsonPointer, written: string, meant: string): Problem {
  return {
    code: "LETTER_CASE",
    severity: "warning",
    pointer,
    message: `is written "${written}": it is taken for "${meant}", as most runtimes do`,
    fix: `write "${meant}" for "${written}"`,
    spec: "config.md#extensibility",
  };
}
