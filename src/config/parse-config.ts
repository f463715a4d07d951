import { RuntimeError } from "../base/errors.ts";
import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import { ConfigError, type Problem } from "../base/problem.ts";
import { JsonSyntaxError, MAX_DEPTH, scanJson } from "./json-scanner.ts";
import { positionAt } from "./locate.ts";
import { withoutNullMembers } from "./null-members.ts";

/**
 * Reads the text of a config. An integer that a double cannot hold becomes a bigint; a member that is null is left out
 * (null-members.ts). Throws RuntimeError
 * ERR_CONFIG_SYNTAX with line and column, and ConfigError for strings with NUL, which no system call can take.
 */
export function parseConfig(text: string): unknown {
  const value = orSyntaxError(text, () => JSON.parse(text));
  if (mayBeDeep(text) && isDeeper(value, MAX_DEPTH)) throw syntaxError(text, new RangeError("nested too deep"));
  if (text.includes("\\u0000")) refuseNul(value);
  const exact = LONG_INTEGER.test(text) ? orSyntaxError(text, () => parseExactly(text)) : value;
  return text.includes("null") ? withoutNullMembers(exact).value : exact;
}

/** A text with fewer objects and arrays than that need not be gone over. */
function mayBeDeep(text: string): boolean {
  return text.length > MAX_DEPTH && text.split("{").length + text.split("[").length > MAX_DEPTH;
}

/** Engines differ in how deep they parse, and in what they can do with it afterwards. */
function isDeeper(value: unknown, levels: number): boolean {
  if (levels < 0) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** Sixteen digits in a row: no shorter integer is beyond 2^53. */
const LONG_INTEGER = /[0-9]{16}/;

function orSyntaxError(text: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    // A RangeError is the stack's end: the text is nested too deep.
    if (error instanceof SyntaxError || error instanceof RangeError) throw syntaxError(text, error);
    throw error;
  }
}

/** Says where, which JSON.parse tells differently in each engine, or not at all. */
function syntaxError(text: string, cause: Error): RuntimeError {
  try {
    scanJson(text, () => {});
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { line, column } = positionAt(text, error.offset);
    return new RuntimeError(
      "ERR_CONFIG_SYNTAX",
      `Cannot parse the config: line ${line}, column ${column}: ${error.message}`,
      { cause },
    );
  }
  return new RuntimeError("ERR_CONFIG_SYNTAX", `Cannot parse the config: ${cause.message}`, { cause });
}

const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![0-9.eE+-])-?[0-9]{16,}(?![0-9.eE])/gs;

/**
 * Parses again with long integers inside strings, and takes them out as bigints. NUL marks them: by now no string of
 * the config has it. JSON.parse's own access to the source of a number is not in Node 20.
 */
function parseExactly(text: string): unknown {
  const marked = text.replace(STRING_OR_LONG_INTEGER, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"\\u0000${token}"`,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith("\0") ? BigInt(value.slice(1)) : value,
  );
}

function refuseNul(value: unknown): void {
  const places = placesWithNul(value);
  if (places.length === 0) return;
  const problems = places.map(
    (pointer): Problem => ({
      code: "STRING_WITH_NUL",
      severity: "error",
      pointer,
      message: "holds the character U+0000, which no path, name or argument of Linux can have",
      fix: "take it out",
    }),
  );
  throw new ConfigError("Cannot use the config: it has strings with U+0000", problems);
}

function placesWithNul(top: unknown): readonly JsonPointer[] {
  const places: JsonPointer[] = [];
  const waiting: (readonly [JsonPointer, unknown])[] = [["", top]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [pointer, value] = next;
    if (typeof value === "string" && value.includes("\0")) places.push(pointer);
    if (typeof value !== "object" || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (key.includes("\0")) places.push(pointer);
      waiting.push([pointerTo(pointer, key), child]);
    }
  }
  return places.reverse();
}
