import { printRow, type StepRow, stepRows } from "./print.ts";
import type { Plan } from "./step.ts";

/** A step that has been carried out. */
export interface StepTime extends StepRow {
  /** Microseconds since the first one began. */
  readonly endUs: number;
  /** Microseconds since the step before it of its process, which may have waited for another process. */
  readonly us: number;
}

/** The line that the trace of a plan begins with; native/trace.c adds one for each step as it is carried out. Pure. */
export function traceHeader(plan: Plan): string {
  return `plan ${JSON.stringify({ verb: plan.verb, id: plan.id, rows: stepRows(plan) })}\n`;
}

/** Reads the last trace in a text: what has been carried out, in that order. Lines that a crash has cut are left out. Pure. */
export function readTrace(text: string): readonly StepTime[] {
  const [header = "", ...lines] = text.slice(text.lastIndexOf("plan {")).split("\n");
  const rows = rowsOf(header);
  const last = new Map<string, number>();
  let begin = Number.NaN;
  return lines.slice(0, -1).flatMap((line) => {
    const [, word, number = "", time = ""] = /^(begin|step (\d+)) (\d+)$/.exec(line) ?? [];
    if (word === "begin") begin = Number(time);
    const row = rows[Number(number) - 1];
    if (word === "begin" || row === undefined) return [];
    const endUs = Number(time) - begin;
    const before = last.get(row.at) ?? (row.at === "parent" ? 0 : Math.max(0, ...last.values()));
    last.set(row.at, endUs);
    return [{ ...row, endUs, us: endUs - before }];
  });
}

function rowsOf(header: string): readonly StepRow[] {
  try {
    // Written by traceHeader.
    return (JSON.parse(header.slice("plan ".length)) as { readonly rows: readonly StepRow[] }).rows;
  } catch {
    return [];
  }
}

/** A trace as text, one line a step, or as the events that viewers of Chrome's traces read. Pure. */
export function printTrace(times: readonly StepTime[], format: "text" | "chrome"): string {
  if (format === "chrome") return `${JSON.stringify(times.map(chromeEvent))}\n`;
  const width = String(Math.max(0, ...times.map(({ step }) => step))).length;
  return times.map((time) => `${ms(time.endUs)} ${ms(time.us)}  ${printRow(time, width)}\n`).join("");
}

function ms(us: number): string {
  return `${(us / 1000).toFixed(3).padStart(9)} ms`;
}

function chromeEvent({ at, op, show, from, endUs, us, step }: StepTime) {
  return { name: op, cat: "step", ph: "X", ts: endUs - us, dur: us, pid: 1, tid: at, args: { step, show, from } };
}
