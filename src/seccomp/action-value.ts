import type { JsonPointer } from "../base/json-pointer.ts";
import type { Findings } from "../config/findings.ts";
import type { SeccompAction } from "../config/types.gen.ts";
import { EPERM, MAX_ERRNO, MAX_TRACE_DATA, SECCOMP_ACTIONS } from "../linux/seccomp.ts";

/** An action's number in config.json, which becomes an errno or a message to a tracer. */
export interface ActionData {
  readonly value: number | undefined;
  readonly pointer: JsonPointer;
}

/**
 * What a filter returns for an action. The default errno is EPERM; one above 4095 becomes 4095 with a warning, as the
 * kernel would have it. Source: config-linux.md#seccomp, seccomp(2).
 */
export function actionValue(action: SeccompAction, data: ActionData, found: Findings): number {
  if (action === "SCMP_ACT_ERRNO") return SECCOMP_ACTIONS.SCMP_ACT_ERRNO | errnoData(data, found);
  if (action === "SCMP_ACT_TRACE") return SECCOMP_ACTIONS.SCMP_ACT_TRACE | traceData(data, found);
  return SECCOMP_ACTIONS[action];
}

function errnoData({ value = EPERM, pointer }: ActionData, found: Findings): number {
  if (value <= MAX_ERRNO) return value;
  const message = `is above the largest errno, ${MAX_ERRNO}, which it becomes`;
  found.warning({ code: "SECCOMP_ERRNO_RANGE", pointer, value, message, spec: "config-linux.md#seccomp" });
  return MAX_ERRNO;
}

function traceData({ value = EPERM, pointer }: ActionData, found: Findings): number {
  if (value <= MAX_TRACE_DATA) return value;
  const message = `must be at most ${MAX_TRACE_DATA}: a tracer is handed 16 bits`;
  found.error({ code: "SECCOMP_ERRNO_RANGE", pointer, value, message, spec: "config-linux.md#seccomp" });
  return 0;
}
