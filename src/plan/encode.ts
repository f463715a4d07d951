import { formatOrigin } from "../base/origin.ts";
import { OP_LAYOUTS, PLAN_ABI } from "./abi.gen.ts";
import type { Plan, Stage, Step } from "./step.ts";

/**
 * The wire format, a sequence of strings that each end in NUL (no path, argument or JSON string of a checked config
 * can hold one); numbers are decimal:
 *
 *     "mydocker-plan"  ABI  number of steps  length of reportArgv  reportArgv...
 *     then for each step:  opcode  stage  origin  arguments in the op table's order, a list preceded by its length
 *
 * reportArgv is the command that the static program becomes after a failure; empty: it writes a record instead.
 * Text instead of binary, because the engine joins strings natively, where a cold loop over bytes costs milliseconds.
 */
export function encodePlan(plan: Plan, reportArgv: readonly string[]): string {
  const parts: string[] = ["mydocker-plan", PLAN_ABI, String(plan.steps.length), String(reportArgv.length)];
  for (const argument of reportArgv) parts.push(argument);
  for (const step of plan.steps) encodeStep(step, parts);
  const image = `${parts.join("\0")}\0`;
  assertNoNul(parts, image);
  return image;
}

const STAGE_DIGIT: Readonly<Record<Stage, string>> = { parent: "0", intermediate: "1", init: "2" };

function encodeStep({ at, op, from }: Step, parts: string[]): void {
  const layout: readonly [opcode: string, ...names: string[]] = OP_LAYOUTS[op.op];
  parts.push(layout[0], STAGE_DIGIT[at], formatOrigin(from));
  const values = op as unknown as Readonly<Record<string, string | number | bigint | readonly string[]>>; // Op's own shape
  for (let index = 1; index < layout.length; index++) {
    const value = values[layout[index] ?? ""];
    if (typeof value === "object") {
      parts.push(String(value.length));
      for (const item of value) parts.push(item);
    } else {
      parts.push(String(value));
    }
  }
}

/** A NUL inside a string would shift every later field: the config's rules refuse it, and this makes sure. */
function assertNoNul(parts: readonly string[], image: string): void {
  if (image.split("\0").length !== parts.length + 1) throw new TypeError("a string of the plan holds a NUL");
}
