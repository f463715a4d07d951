import { formatOrigin } from "../base/origin.ts";
import { PLAN_ABI } from "./abi.gen.ts";
import { OP_TABLE, type Op, type OpName } from "./op-table.ts";
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

let opcodes: Partial<Record<OpName, string>> | undefined;

/** The op's number on the wire: its place in the table. */
function opcodeOf(name: OpName): string {
  if (opcodes === undefined) {
    opcodes = {};
    let code = 0;
    for (const key in OP_TABLE) opcodes[key as OpName] = String(code++); // keys of a literal: OpName by construction
  }
  return opcodes[name] ?? "";
}

function encodeStep(step: Step, parts: string[]): void {
  const op: Op = step.op;
  parts.push(opcodeOf(op.op), STAGE_DIGIT[step.at], formatOrigin(step.from));
  const values = op as unknown as Readonly<Record<string, string | number | bigint | readonly string[]>>; // Op's own shape
  for (const name in OP_TABLE[op.op].args) {
    const value = values[name];
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
  let total = 0;
  for (const part of parts) total += part.length + 1;
  let count = 0;
  for (let at = image.indexOf("\0"); at !== -1; at = image.indexOf("\0", at + 1)) count++;
  if (total !== image.length || count !== parts.length) throw new TypeError("a string of the plan holds a NUL");
}
