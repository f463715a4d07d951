import type { Plan } from "../plan/step.ts";
import { traceHeader } from "../plan/step-times.ts";
import { appendText, openFile } from "../sys/files.ts";

/** Source: open(2). */
const O_WRONLY_APPEND = 0o2001;

/** Begins the trace of a plan in a file, and gives the descriptor that the static program adds to. Throws SystemError. */
export function beginTrace(path: string, plan: Plan): number {
  appendText(path, traceHeader(plan), 0o600);
  return openFile(path, O_WRONLY_APPEND);
}
