import type { Stage, Step } from "../../src/plan/step.ts";
import type { ArgumentPattern, CallPattern, Expected } from "../../src/plan/trace/patterns.ts";
import { expectedCalls, OPENING_CALLS, programCalls, START_CALLS } from "../../src/plan/trace.ts";
import type { TracedCall } from "./strace.ts";

/** Descriptors by the names that patterns give them. */
export type Names = Readonly<Record<string, string>>;

/** What a process did, compared with its steps. */
export interface MatchedTrace {
  /** The first thing that is not as planned; undefined where all is. */
  readonly problem: string | undefined;
  /** The steps that no call of the trace is of. */
  readonly unseen: readonly Step[];
  /** The processes that it has made, in order. */
  readonly made: readonly MadeProcess[];
}

export interface MadeProcess {
  readonly pid: number;
  readonly by: Step;
  /** The descriptors that it has from its maker. */
  readonly names: Names;
}

/**
 * Compares the calls of one process with the plan's steps of its stage, in order: nothing may be missing, and nothing
 * besides. `names` are the descriptors that it has from the process that made it.
 */
export function matchTrace(
  steps: readonly Step[],
  at: Stage,
  calls: readonly TracedCall[],
  names: Names,
): MatchedTrace {
  const matcher = new Matcher(calls, names);
  const unseen: Step[] = [];
  const made: MadeProcess[] = [];
  const result = (problem: string | undefined): MatchedTrace => ({ problem, unseen, made });
  if (at === "parent") matcher.take(START_CALLS);
  for (const [index, step] of steps.entries()) {
    if (step.at !== at) continue;
    const expected = expectedCalls(step);
    const before = matcher.taken;
    if (!matcher.take(expected)) {
      return result(`step ${index + 1} (${at} ${step.op.op}): ${matcher.difference()}`);
    }
    if (matcher.taken === before && expected.length > 0) unseen.push(step);
    made.push(...matcher.takeMade().map((process) => ({ ...process, by: step })));
  }
  const left = matcher.nextChange();
  return result(left === undefined ? undefined : `no step of ${at} makes this call: ${left.text}`);
}

class Matcher {
  readonly #calls: readonly TracedCall[];
  #made: Omit<MadeProcess, "by">[] = [];
  #names: Record<string, string>;
  #missing: Expected | undefined;
  #at = 0;
  /** How many calls patterns have accounted for. */
  taken = 0;

  constructor(calls: readonly TracedCall[], names: Names) {
    this.#calls = calls;
    this.#names = { ...names };
  }

  /** Takes the calls that are expected next; on failure stays where they stopped to match. */
  take(expected: readonly Expected[]): boolean {
    this.#missing = expected.find((item) => !this.#takeOne(item));
    return this.#missing === undefined;
  }

  /** What was expected last, and what the trace has there. */
  difference(): string {
    const found = this.nextChange()?.text ?? this.#calls[this.#at]?.text ?? "nothing more";
    return `expected ${show(this.#missing)}, and the trace goes on with ${found}`;
  }

  /** The processes that were made since this was asked last. */
  takeMade(): readonly Omit<MadeProcess, "by">[] {
    const made = this.#made;
    this.#made = [];
    return made;
  }

  /** The next call that changes something. */
  nextChange(): TracedCall | undefined {
    return this.#calls.slice(this.#at).find(isChanging);
  }

  #takeOne(item: Expected): boolean {
    if ("call" in item) return this.#takeCall(item);
    if ("maybe" in item) {
      const [at, taken, names] = [this.#at, this.taken, { ...this.#names }];
      if (!this.take(item.maybe)) [this.#at, this.taken, this.#names] = [at, taken, names];
      return true;
    }
    while (item.anyOf.some((pattern) => this.#takeCall(pattern)));
    return true;
  }

  #takeCall(pattern: CallPattern): boolean {
    const start = this.#at;
    for (let next = this.#calls[this.#at]; next !== undefined; next = this.#calls[++this.#at]) {
      if (this.#matches(pattern, next)) {
        this.#account(pattern, next);
        return true;
      }
      if (isChanging(next)) break;
    }
    this.#at = start;
    return false;
  }

  #matches({ call, args = [], fields = {} }: CallPattern, traced: TracedCall): boolean {
    if (traced.name !== call || traced.result === undefined) return false;
    let at = 0;
    for (const pattern of args) {
      while (at < traced.args.length && !this.#matchesArgument(pattern, traced.args[at] ?? "")) at++;
      if (at++ === traced.args.length) return false;
    }
    return Object.entries(fields).every(([name, value]) => isSame(value, traced.fields[name] ?? "(missing)"));
  }

  #matchesArgument(pattern: ArgumentPattern, argument: string): boolean {
    if (typeof pattern === "string") return isSame(pattern, argument);
    if (pattern instanceof RegExp) return pattern.test(argument);
    if ("has" in pattern) return argument.split("|").includes(pattern.has);
    return this.#names[pattern.fd] === argument;
  }

  #account({ args = [], gives, from }: CallPattern, { result, name, fields }: TracedCall): void {
    this.#at++;
    this.taken++;
    if (gives !== undefined)
      this.#names[gives] = from === undefined ? String(result) : (/\d+/.exec(fields[from] ?? "")?.[0] ?? "");
    for (const pattern of args) {
      if (typeof pattern !== "object" || !("alsoNamed" in pattern) || pattern.alsoNamed === undefined) continue;
      this.#names[pattern.alsoNamed] = this.#names[pattern.fd] ?? "";
    }
    if (name === "clone3" && result !== undefined) this.#made.push({ pid: result, names: { ...this.#names } });
  }
}

function isSame(expected: string, found: string): boolean {
  if (expected === found) return true;
  if (!expected.includes("|")) return false;
  return expected.split("|").sort().join("|") === found.split("|").sort().join("|");
}

/** Compares the calls of a program that a step runs, up to its execve. */
export function matchProgram({ by }: MadeProcess, calls: readonly TracedCall[]): string | undefined {
  const matcher = new Matcher(calls, {});
  if (!matcher.take(programCalls(by))) return `the program of ${by.op.op}: ${matcher.difference()}`;
  const left = matcher.nextChange();
  return left === undefined ? undefined : `the program of ${by.op.op} makes this call besides: ${left.text}`;
}

const WRITING = /O_(WRONLY|RDWR|CREAT|TRUNC)/;

/** A call that failed has changed nothing. */
function isChanging({ name, result, text }: TracedCall): boolean {
  if (result === undefined) return false;
  return !OPENING_CALLS.includes(name) || WRITING.test(text);
}

function show(expected: Expected | undefined): string {
  return JSON.stringify(expected, (_key, value: unknown) => (value instanceof RegExp ? String(value) : value));
}
