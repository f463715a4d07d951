import { readFailure } from "../apply/carry-out.ts";
import { rollBack } from "../apply/rollback.ts";
import type { StepError } from "../apply/step-error.ts";
import type { RuntimeError } from "../base/errors.ts";
import { readFdText } from "../sys/descriptors.ts";
import type { RuntimeContext } from "./options.ts";
import { settle } from "./settle.ts";
import { MAX_RECORD_BYTES, reportStart } from "./start.ts";

export interface FailureReport {
  /** The verb that failed. */
  readonly verb: string;
  readonly id: string;
  /** What the static program appended to reportArgv: "failure", "warning" or "notice", a descriptor, the exit status so far. */
  readonly record: readonly string[];
}

/**
 * What the static program hands back when a step has failed. Before the container ran: undoes what the verb has made,
 * and throws StepError, or criu's reason. After its end: warns, removes what is left, and gives its exit status. A notice
 * is of a container that goes on, or of what fails once it has been removed.
 */
export async function reportFailure(context: RuntimeContext, { verb, id, record }: FailureReport): Promise<number> {
  const [kind, descriptor, status] = record;
  const told = (as: "warning" | "notice"): number =>
    settle(context, id, { status: Number(status), trouble: { kind: as, error: readFailure(Number(descriptor)) } });
  if (kind === "notice") return told(kind);
  if (verb === "start") await reportStart(context, id, readFdText(Number(descriptor), MAX_RECORD_BYTES));
  if (kind === "warning") return told(kind);
  const error = readFailure(Number(descriptor));
  const cause = verb === "restore" ? await criuReason(error) : error;
  if (MAKING_VERBS.includes(verb)) await rollBack(context.root, id, cause);
  throw cause;
}

/** What they have made goes with them when they fail. */
const MAKING_VERBS: readonly string[] = ["create", "run", "restore"];

/** Loaded only here: it brings all that restores. */
async function criuReason(error: StepError): Promise<RuntimeError> {
  return (await import("./checkpoint-restore.ts")).withCriuReason(error);
}
