import { RuntimeError } from "../base/errors.ts";
import { SLOT_REPORT } from "../plan/slots.ts";
import type { Plan } from "../plan/step.ts";
import { close, pipe, readFdText } from "../sys/descriptors.ts";
import { spawnFd, waitPid } from "../sys/processes.ts";
import { parseFailureRecord } from "./failure-record.ts";
import { type CarryOutOptions, PROGRAM, planImage, type Slot, staticProgram } from "./static-program.ts";
import { StepError } from "./step-error.ts";

/**
 * Starts the static program and waits until it has carried out the plan. Gives its exit status: the container's for
 * a run in the foreground. Throws StepError with what failed; what was done until then is the caller's to undo. `slots` are more that are taken from the start.
 */
export async function awaitPlan(plan: Plan, options: CarryOutOptions, slots: readonly Slot[] = []): Promise<number> {
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
  }
  const report = await readReport(reportEnd);
  return outcome(report, waitPid(pid, true));
}

/** Without blocking the event loop: a run in the foreground takes as long as its container. */
async function readReport(fd: number): Promise<string> {
  const { read } = await import("node:fs");
  const { promisify } = await import("node:util");
  const chunk = Buffer.alloc(16384);
  let text = "";
  try {
    for (;;) {
      const { bytesRead } = await promisify(read)(fd, chunk, 0, chunk.length, null);
      if (bytesRead === 0) return text;
      text += chunk.toString("utf8", 0, bytesRead);
    }
  } finally {
    close(fd);
  }
}

function outcome(report: string, status: ReturnType<typeof waitPid>): number {
  const record = report === "" ? undefined : parseFailureRecord(report);
  if (record !== undefined) throw new StepError(record);
  if (status?.exited === true && report === "") return status.status;
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
