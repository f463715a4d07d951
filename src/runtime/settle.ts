import type { PlanOutcome } from "../apply/carry-out.ts";
import { undoContainer } from "../apply/rollback.ts";
import { StateError } from "../base/errors.ts";
import type { RuntimeContext } from "./options.ts";

/**
 * Warns of what went wrong when a container's end was not to be changed by it any more, and removes what is left of the
 * container; gives its exit status. Throws StateError.
 */
export function settle(context: RuntimeContext, id: string, { status, trouble }: PlanOutcome): number {
  if (trouble === undefined) return status;
  context.warn(trouble.error.message);
  if (trouble.kind === "warning") for (const failure of undoRest(context.root, id)) context.warn(failure.message);
  return status;
}

/** While a container runs in the foreground, somebody else may delete it. */
function undoRest(root: string, id: string): readonly Error[] {
  try {
    return undoContainer(root, id, false);
  } catch (error) {
    if (error instanceof StateError && error.code === "ERR_CONTAINER_NOT_FOUND") return [];
    throw error;
  }
}
