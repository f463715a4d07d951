import { RuntimeError } from "../base/errors.ts";
import { encodePlan } from "../plan/encode.ts";
import { SLOT_LOCK, SLOT_REPORT } from "../plan/op-table.ts";
import type { Plan } from "../plan/step.ts";
import { close, memfdFromFile, memfdFromText, pipe, readFdText } from "../sys/descriptors.ts";
import { installedFile } from "../sys/installed-file.ts";
import { callersNofile, execFd, spawnFd, waitPid } from "../sys/processes.ts";
import { parseFailureRecord } from "./failure-record.ts";
import { StepError } from "./step-error.ts";

export interface CarryOutOptions {
  /** The container's lock, which is held until the verb has ended. */
  readonly lockFd: number;
  /** How many descriptors, from 3 on, the container inherits. */
  readonly preserveFds: number;
  /** What the static program starts, with "failure" or "warning", a descriptor and an exit status, if a step fails. */
  readonly reportArgv: readonly string[];
}

const PROGRAM = "mydocker-init";

/** Turns this process into the static program, which carries out the plan; it does not return. Throws SystemError. */
export function becomePlan(plan: Plan, { lockFd, preserveFds, reportArgv }: CarryOutOptions): never {
  const image = memfdFromText("plan", encodePlan(plan, reportArgv), true);
  execFd({
    fd: memfdFromFile(PROGRAM, installedFile(PROGRAM)),
    argv: [PROGRAM, String(image), `${SLOT_LOCK}=${lockFd}`],
    env: environment(),
    keepFds: [image, lockFd, ...preservedFds(preserveFds)],
    nofile: callersNofile(process.env.MYDOCKER_NOFILE),
  });
}

/**
 * Starts the static program and waits until it has carried out the plan. Gives its exit status: the container's for
 * a run in the foreground. Throws StepError with what failed; what was done until then is the caller's to undo.
 */
export async function awaitPlan(plan: Plan, { lockFd, preserveFds }: CarryOutOptions): Promise<number> {
  const [reportEnd, reportFd] = pipe();
  const image = memfdFromText("plan", encodePlan(plan, []), true);
  const program = memfdFromFile(PROGRAM, installedFile(PROGRAM));
  let pid: number;
  try {
    pid = spawnFd({
      fd: program,
      argv: [PROGRAM, String(image), `${SLOT_LOCK}=${lockFd}`, `${SLOT_REPORT}=${reportFd}`],
      env: environment(),
      keepFds: [image, lockFd, reportFd, ...preservedFds(preserveFds)],
      fds: [],
      nofile: callersNofile(process.env.MYDOCKER_NOFILE),
    });
  } catch (error) {
    close(reportEnd);
    throw error;
  } finally {
    close(program);
    close(image);
    close(reportFd);
  }
  const report = await readReport(reportEnd);
  return outcome(report, waitPid(pid, true));
}

function environment(): readonly string[] {
  return Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ""}`);
}

function preservedFds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => 3 + index);
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
  if (record === undefined) throw new RuntimeError("ERR_INTERNAL", `Cannot read the failure record in descriptor ${fd}`);
  return new StepError(record);
}
