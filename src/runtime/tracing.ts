import type { Plan } from "../plan/step.ts";
import type { RuntimeContext } from "./options.ts";

/** Begins a plan's trace where one is wanted. Throws SystemError. */
export async function tracing({ traceFile }: RuntimeContext, plan: Plan): Promise<{ readonly traceFd?: number }> {
  if (traceFile === undefined) return {};
  return { traceFd: (await import("../apply/begin-trace.ts")).beginTrace(traceFile, plan) };
}
