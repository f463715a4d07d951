import { formatOrigin } from "../base/origin.ts";
import { showOp } from "./describe.ts";
import type { Plan } from "./step.ts";

/** The plan as text, one line a step: number, process, operation, what it does, and where in the config it comes from. */
export function printPlan(plan: Plan, format: "text" | "json"): string {
  if (format === "json") return printJson(plan);
  const width = String(plan.steps.length).length;
  return stepRows(plan)
    .map((row) => `${printRow(row, width)}\n`)
    .join("");
}

const STAGE_WIDTH = "intermediate".length;
const OP_WIDTH = 18;
const SHOW_WIDTH = 56;

/** A step in words. */
export interface StepRow {
  /** From 1. */
  readonly step: number;
  /** The process that carries it out. */
  readonly at: string;
  readonly op: string;
  readonly show: string;
  /** The place in the config, the flag or the sentence of the spec that it comes from. */
  readonly from: string;
}

/** The steps of a plan in words. Pure. */
export function stepRows({ steps }: Plan): readonly StepRow[] {
  return steps.map(({ at, op, from }, index) => ({
    step: index + 1,
    at,
    op: op.op,
    show: showOp(op),
    from: formatOrigin(from),
  }));
}

/** One of them on a line, its number as wide as the last one's. */
export function printRow({ step, at, op, show, from }: StepRow, width: number): string {
  const number = String(step).padStart(width);
  return `${number} ${at.padEnd(STAGE_WIDTH)} ${op.padEnd(OP_WIDTH)} ${show.padEnd(SHOW_WIDTH)} ← ${from}`;
}

/** Capability sets are beyond JSON's exact numbers: bigints are written as decimal strings. */
function printJson({ verb, id, steps }: Plan): string {
  const rows = steps.map(({ at, op, from }, index) => ({ step: index + 1, at, ...op, from: formatOrigin(from) }));
  const replacer = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
  return `${JSON.stringify({ verb, id, steps: rows }, replacer, 2)}\n`;
}
