import { RuntimeError } from "../base/errors.ts";
import { SLOT_REPORT } from "../plan/slots.ts";
import type { Plan } from "../plan/step.ts";
import { close, pipe, readFdText } from "../sys/descriptors.ts";
import { spawnFd, waitPid } from "../sys/processes.ts";
import { readToEnd } from "../sys/read-to-end.ts";
import { killOnAbort } from "./abort-plan.ts";
import { parseFailureRecord, parseReport } from "./failure-record.ts";
import { type CarryOutOptions, PROGRAM, planImage, type Slot, staticProgram } from "./static-program.ts";
import { StepError } from "./step-error.ts";

/** How a plan ended that was carried out. */
export interface PlanOutcome {
  /** The container's or the process's exit status, for one in the foreground: 128+n for a signal. */
  readonly status: number;
  /** A step that failed when nothing could be taken back any more. */
  readonly trouble?: Trouble;
}

interface Trouble {
  /** "warning": the container has ended and is to be removed; "notice": it goes on, or has been removed. */
  readonly kind: "warning" | "notice";
  readonly error: StepError;
}

export interface AwaitOptions extends CarryOutOptions {
  /** Kills what the plan has made; what the plan then does is its usual way to end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts the static program and waits until it has carried out the plan. Throws StepError with what failed; what was
 * done until then is the caller's to undo. `slots` are more that are taken from the start.
 */
export async function awaitPlan(plan: Plan, options: AwaitOptions, slots: readonly Slot[] = []): Promise<PlanOutcome> {
  const [reportEnd, reportFd] = pipe();
  const image = planImage(plan, []);
  const program = staticProgram(image, options, [[SLOT_REPORT, reportFd], ...slots]);
  let pid: number;
  try {
    pid = spawnFd({ ...program, fds: [] });
  } catch (error) {
    close(reportEnd);
    throw error;
  } finally {
    close(program.fd);
    close(image);
    close(reportFd);
    if (options.lockFd !== undefined) close(options.lockFd);
    if (options.traceFd !== undefined) close(options.traceFd);
  }
  const stopListening = killOnAbort(pid, options.signal);
  try {
    const report = await readToEnd(reportEnd);
    return outcome(report, waitPid(pid, true));
  } finally {
    stopListening();
  }
}

function outcome(text: string, status: ReturnType<typeof waitPid>): PlanOutcome {
  const report = parseReport(text);
  if (report?.kind === "failure") throw new StepError(report.record);
  if (status?.exited === true && text === "") return { status: status.status };
  if (status?.exited === true && (report?.kind === "warning" || report?.kind === "notice")) {
    return { status: status.status, trouble: { kind: report.kind, error: new StepError(report.record) } };
  }
  const how = status?.exited === false ? `signal ${status.signal}` : "no report";
  throw new RuntimeError("ERR_INTERNAL", `Cannot carry out the plan: ${PROGRAM} ended with ${how}`);
}

/** The record that a static program left in a descriptor before it became this process. */
export function readFailure(fd: number): StepError {
  const record = parseFailureRecord(readFdText(fd, 1 << 16));
  if (record === undefined)
    throw new RuntimeError("ERR_INTERNAL", `Cannot read the failure record in descriptor ${fd}`);
  return new StepError(record);
}
