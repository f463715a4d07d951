import { templateError } from "./template-error.ts";

export type TemplateFunction = (...args: readonly unknown[]) => unknown;

/** The functions of Go's templates and of docker's. Sources: Go, package text/template; docker's "Format command output". */
export const TEMPLATE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  and: (...args) => args.find((value) => !isTrue(value)) ?? args.at(-1),
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  not: (value) => !isTrue(value),
  eq: (value, ...others) => others.some((other) => value === other),
  ne: (a, b) => a !== b,
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  index: (value, ...keys) => keys.reduce(member, value),
  slice: (value, from, to) => sliceable(value).slice(Number(from ?? 0), to === undefined ? undefined : Number(to)),
  len: (value) => lengthOf(value),
  json: (value) => JSON.stringify(value ?? null),
  print: (...args) => args.map(shown).join(""),
  println: (...args) => `${args.map(shown).join(" ")}\n`,
  printf: (format, ...args) => printf(String(format), args),
  join: (list, separator) => listOf(list).map(shown).join(String(separator)),
  split: (text, separator) => String(text).split(String(separator)),
  upper: (text) => String(text).toUpperCase(),
  lower: (text) => String(text).toLowerCase(),
  title: (text) => String(text).replace(/(^|\s)\S/g, (letter) => letter.toUpperCase()),
  truncate: (text, length) => String(text).slice(0, Number(length)),
  pad: (text, before, after) => (text === "" ? "" : `${" ".repeat(Number(before))}${text}${" ".repeat(Number(after))}`),
};

/** What Go takes for true: anything but false, 0, nothing and what is empty. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** A value as Go prints it: lists in brackets, maps with their keys sorted. */
export function shown(value: unknown): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([key, member]) => `${key}:${shown(member)}`).join(" ")}]`;
}

function member(value: unknown, key: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    if (Number(key) in value) return value[Number(key)];
    throw templateError(`error calling index: index out of range: ${String(key)}`);
  }
  if (typeof value === "object") return Object.entries(value).find(([name]) => name === String(key))?.[1];
  throw templateError(`error calling index: can't index item of type ${typeof value}`);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : String(a) === String(b) ? 0 : 1;
}

function sliceable(value: unknown): string | readonly unknown[] {
  if (typeof value === "string" || Array.isArray(value)) return value;
  throw templateError("error calling slice: it takes a text or a list");
}

function lengthOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw templateError("error calling len: it takes a text, a list or a map");
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw templateError("error calling join: it takes a list and a text");
}

/** %s %v %d %q %t %x and %%, with a width. */
function printf(format: string, args: readonly unknown[]): string {
  let next = 0;
  return format.replace(/%(-?)([0-9]*)([svdqtx%])/g, (_all, left: string, width: string, verb: string) => {
    if (verb === "%") return "%";
    const value = args[next++];
    const text =
      verb === "q" ? JSON.stringify(String(value)) : verb === "x" ? Number(value).toString(16) : shown(value);
    return left === "" ? text.padStart(Number(width)) : text.padEnd(Number(width));
  });
}
