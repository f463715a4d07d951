import { readFailure } from "../apply/carry-out.ts";
import { rollBack, undoContainer } from "../apply/rollback.ts";
import type { StepError } from "../apply/step-error.ts";
import type { RuntimeError } from "../base/errors.ts";
import { readFdText } from "../sys/descriptors.ts";
import type { RuntimeContext } from "./options.ts";
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
 * is of a container that goes on.
 */
export async function reportFailure(context: RuntimeContext, { verb, id, record }: FailureReport): Promise<number> {
  const [kind, descriptor, status] = record;
  if (kind === "notice") {
    context.warn(readFailure(Number(descriptor)).message);
    return Number(status);
  }
  if (verb === "start") await reportStart(context, id, readFdText(Number(descriptor), MAX_RECORD_BYTES));
  const error = readFailure(Number(descriptor));
  if (kind !== "warning") {
    const cause = verb === "restore" ? await criuReason(error) : error;
    if (MAKING_VERBS.includes(verb)) await rollBack(context.root, id, cause);
    throw cause;
  }
  context.warn(error.message);
  for (const failure of undoContainer(context.root, id, false)) context.warn(failure.message);
  return Number(status);
}

/** What they have made goes with them when they fail. */
const MAKING_VERBS: readonly string[] = ["create", "run", "restore"];

/** Loaded only here: it brings all that restores. */
async function criuReason(error: StepError): Promise<RuntimeError> {
  return (await import("./checkpoint-restore.ts")).withCriuReason(error);
}
