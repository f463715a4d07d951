import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A system call as strace(1) printed it. */
export interface TracedCall {
  readonly name: string;
  /** Strings by their content, lists of strings as JSON, descriptors without their paths, all else as printed. */
  readonly args: readonly string[];
  /** The members of all structures among the arguments. */
  readonly fields: Readonly<Record<string, string>>;
  /** The number that it returned; undefined where it failed, or did not return. */
  readonly result: number | undefined;
  /** The whole line. */
  readonly text: string;
}

const MAX_STRING = 65536;

/** The command line that traces a program and what it starts: one file a process, `prefix` and its pid. */
export function straceArgv(prefix: string, calls: readonly string[], argv: readonly string[]): readonly string[] {
  // A call that this machine's architecture does not have is skipped where its name follows a question mark.
  const filter = calls.map((name) => `?${name}`).join();
  return [
    "strace",
    "-ff",
    "-qq",
    "--pidns-translation",
    "-s",
    String(MAX_STRING),
    "-e",
    "signal=none",
    "-e",
    `trace=${filter}`,
    "-o",
    prefix,
    ...argv,
  ];
}

/** Reads what `straceArgv` has left: the calls of each process, by pid. */
export function readTraces(directory: string, prefix: string): ReadonlyMap<number, readonly TracedCall[]> {
  const files = readdirSync(directory).filter((name) => name.startsWith(`${prefix}.`));
  return new Map(files.map((name) => [pidOf(name), parseTrace(readFileSync(join(directory, name), "utf8"))]));
}

function pidOf(name: string): number {
  return Number(name.slice(name.lastIndexOf(".") + 1));
}

/** Reads strace's output of one process. */
export function parseTrace(text: string): readonly TracedCall[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): TracedCall | undefined {
  const name = /^(\w+)\(/.exec(line)?.[1];
  if (name === undefined) return undefined;
  const { parts, end } = splitParts(line, name.length + 1);
  return {
    name,
    args: parts.map(readArgument),
    fields: readFields(parts),
    result: readResult(line.slice(end)),
    text: line,
  };
}

/** A number; a pid as strace itself knows the process. */
function readResult(text: string): number | undefined {
  const [, result, translated] = /^\)?\s*= (-?\d+)(?: \/\* (\d+) in strace's PID NS \*\/)?/.exec(text) ?? [];
  return result === undefined || Number(result) < 0 ? undefined : Number(translated ?? result);
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Splits at the commas of this level, from `start` up to the closing bracket. */
function splitParts(text: string, start: number): { readonly parts: readonly string[]; readonly end: number } {
  const parts: string[] = [];
  const open: string[] = [];
  let from = start;
  let at = start;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    const closing = CLOSING[character];
    if (character === '"') at = endOfString(text, at);
    else if (closing !== undefined) open.push(closing);
    else if (character === open.at(-1)) open.pop();
    else if (open.length === 0 && /[,)\]}]/.test(character)) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
      if (character !== ",") break;
    }
  }
  return { parts: parts.filter((part) => part !== ""), end: at };
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === "\\" ? 2 : 1;
  return at;
}

function readArgument(part: string): string {
  const text = part.replace(/^\w+=(?=["[])/, "");
  if (text.startsWith('"')) return readString(text);
  if (text.startsWith('["')) return JSON.stringify(splitParts(text, 1).parts.map(readString));
  return text.replace(/^(-?\d+|AT_FDCWD)<.*>$/, "$1");
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", v: "\v", f: "\f" };

/** A C string with octal escapes. */
function readString(text: string): string {
  const body = text.replace(/^"|"(\.\.\.)?$/g, "");
  return body.replaceAll(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
  );
}

/** Members of structures, also of those within others; the first of a name counts. */
function readFields(parts: readonly string[]): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const part of parts) {
    const brace = part.indexOf("{");
    if (brace !== -1 && !part.startsWith('"'))
      Object.assign(fields, { ...membersOf(splitParts(part, brace + 1).parts), ...fields });
  }
  return fields;
}

function membersOf(parts: readonly string[]): Readonly<Record<string, string>> {
  const members: Record<string, string> = {};
  for (const part of parts) {
    const [, name, value = ""] = /^(\w+)=(.*)$/s.exec(part) ?? [];
    if (name !== undefined) members[name] ??= readMember(value);
  }
  return members;
}

function readMember(value: string): string {
  if (value.startsWith('"')) return readString(value);
  const product = /^(\d+)\*(\d+)$/.exec(value);
  if (product !== null) return String(Number(product[1]) * Number(product[2]));
  // "0 /* MS_??? */"
  return value.replace(/ \/\*.*\*\/$/, "");
}
