import { OP_TABLE, type Op, type OpName } from "../plan/op-table.ts";
import type { Stage } from "../plan/step.ts";

/** What the static program says about a step that failed. Source: native/report.c, which writes it. */
export interface FailureRecord {
  /** The step's number in the plan, from 0. */
  readonly step: number;
  /** Positive; 0 where no system call failed. */
  readonly errno: number;
  /** The system call, or "PATH", "program" or "slot" for what is no call. */
  readonly call: string;
  /** What the call was about: a path, an option. */
  readonly detail: string;
  /** What the kernel, a hook or a dead process left to say. */
  readonly note: string;
  readonly opName: OpName;
  readonly stage: Stage;
  /** As the plan prints it. */
  readonly origin: string;
  /** The step itself; absent where its arguments were too long for a record. */
  readonly op?: Op;
}

/** What a library is told that waits for the static program: what follows from the failure, and its record. */
export interface StepReport {
  readonly kind: string;
  readonly record: FailureRecord;
}

/** Reads a report, the kind and the record with NUL between them; undefined for anything else. */
export function parseReport(text: string): StepReport | undefined {
  const end = text.indexOf("\0");
  const record = parseFailureRecord(text.slice(end + 1));
  return record === undefined ? undefined : { kind: text.slice(0, end), record };
}

const STAGES: readonly Stage[] = ["parent", "intermediate", "init"];

/** Reads a record; undefined for anything else. */
export function parseFailureRecord(text: string): FailureRecord | undefined {
  const [kind, step, errno, call, detail, note, opcode, stage, origin, ...rest] = text.split("\0");
  const opName = Object.keys(OP_TABLE)[Number(opcode)] as OpName | undefined; // keys of the table are OpNames
  const at = STAGES[Number(stage)];
  if (kind !== "failure" || opName === undefined || at === undefined || origin === undefined) return undefined;
  const op = parseArguments(opName, rest);
  return {
    step: Number(step),
    errno: Number(errno),
    call: call ?? "",
    detail: detail ?? "",
    note: note ?? "",
    opName,
    stage: at,
    origin,
    ...(op !== undefined && { op }),
  };
}

function parseArguments(name: OpName, strings: readonly string[]): Op | undefined {
  const values: Record<string, unknown> = { op: name };
  let at = 0;
  for (const [argument, kind] of Object.entries(OP_TABLE[name].args)) {
    const text = strings[at++];
    // The text behind the last NUL is "": a missing argument is the end of the list.
    if (text === undefined || at >= strings.length) return undefined;
    if (kind === "list") {
      values[argument] = strings.slice(at, at + Number(text));
      at += Number(text);
    } else {
      values[argument] = kind === "number" ? BigInt(text) : text;
    }
  }
  return values as unknown as Op; // built from the table's own entry for this name
}
