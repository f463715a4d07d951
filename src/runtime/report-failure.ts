import { readFailure } from "../apply/carry-out.ts";
import { rollBack, undoContainer } from "../apply/rollback.ts";
import { readFdText } from "../sys/descriptors.ts";
import type { RuntimeContext } from "./options.ts";
import { MAX_RECORD_BYTES, reportStart } from "./start.ts";

export interface FailureReport {
  /** The verb that failed. */
  readonly verb: string;
  readonly id: string;
  /** What the static program appended to reportArgv: "failure" or "warning", a descriptor, the exit status so far. */
  readonly record: readonly string[];
}

/**
 * What the static program hands back when a step has failed. Before the container ran: undoes what create or run has
 * done, and throws StepError. After its end: warns, removes what is left, and gives the container's exit status.
 */
export async function reportFailure(context: RuntimeContext, { verb, id, record }: FailureReport): Promise<number> {
  const [kind, descriptor, status] = record;
  if (verb === "start") await reportStart(context, id, readFdText(Number(descriptor), MAX_RECORD_BYTES));
  const error = readFailure(Number(descriptor));
  if (kind !== "warning") {
    if (verb === "create" || verb === "run") await rollBack(context.root, id, error);
    throw error;
  }
  context.warn(error.message);
  for (const failure of undoContainer(context.root, id, false)) context.warn(failure.message);
  return Number(status);
}
