import { formatOrigin } from "../base/origin.ts";
import { showOp } from "./describe.ts";
import type { Plan, Step } from "./step.ts";

/** The plan as text, one line a step: number, process, operation, what it does, and where in the config it comes from. */
export function printPlan(plan: Plan, format: "text" | "json"): string {
  if (format === "json") return printJson(plan);
  const width = String(plan.steps.length).length;
  return plan.steps.map((step, index) => `${printStep(step, index, width)}\n`).join("");
}

const STAGE_WIDTH = "intermediate".length;
const OP_WIDTH = 18;
const SHOW_WIDTH = 56;

function printStep({ at, op, from }: Step, index: number, width: number): string {
  const number = String(index + 1).padStart(width);
  const what = showOp(op).padEnd(SHOW_WIDTH);
  return `${number} ${at.padEnd(STAGE_WIDTH)} ${op.op.padEnd(OP_WIDTH)} ${what} ← ${formatOrigin(from)}`;
}

/** Capability sets are beyond JSON's exact numbers: bigints are written as decimal strings. */
function printJson({ verb, id, steps }: Plan): string {
  const rows = steps.map(({ at, op, from }, index) => ({ step: index + 1, at, ...op, from: formatOrigin(from) }));
  const replacer = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
  return `${JSON.stringify({ verb, id, steps: rows }, replacer, 2)}\n`;
}
