import { RuntimeError } from "../base/errors.ts";
import { encodePlan } from "../plan/encode.ts";
import { SLOT_LOCK, SLOT_REPORT } from "../plan/op-table.ts";
import type { Plan } from "../plan/step.ts";
import { close, memfdFromFile, memfdFromText, pipe, readFdText } from "../sys/descriptors.ts";
import { installedFile } from "../sys/installed-file.ts";
import { callersNofile, execFd, type Program, spawnFd, waitPid } from "../sys/processes.ts";
import { parseFailureRecord } from "./failure-record.ts";
import { StepError } from "./step-error.ts";

export interface CarryOutOptions {
  /** The container's lock, which is held until the verb has ended; absent for a verb that changes no container. */
  readonly lockFd?: number;
  /** How many descriptors, from 3 on, the container inherits. */
  readonly preserveFds: number;
  /** What the static program starts, with "failure" or "warning", a descriptor and an exit status, if a step fails. */
  readonly reportArgv: readonly string[];
}

const PROGRAM = "mydocker-init";

/** Turns this process into the static program, which carries out the plan; it does not return. Throws SystemError. */
export function becomePlan(plan: Plan, options: CarryOutOptions): never {
  const image = memfdFromText("plan", encodePlan(plan, options.reportArgv), true);
  try {
    return execFd(program(memfdFromFile(PROGRAM, installedFile(PROGRAM)), image, options, []));
  } finally {
    if (options.lockFd !== undefined) close(options.lockFd);
  }
}

/**
 * Starts the static program and waits until it has carried out the plan. Gives its exit status: the container's for
 * a run in the foreground. Throws StepError with what failed; what was done until then is the caller's to undo.
 */
export async function awaitPlan(plan: Plan, options: CarryOutOptions): Promise<number> {
  const [reportEnd, reportFd] = pipe();
  const image = memfdFromText("plan", encodePlan(plan, []), true);
  const fd = memfdFromFile(PROGRAM, installedFile(PROGRAM));
  let pid: number;
  try {
    pid = spawnFd({ ...program(fd, image, options, [[SLOT_REPORT, reportFd]]), fds: [] });
  } catch (error) {
    close(reportEnd);
    throw error;
  } finally {
    close(fd);
    close(image);
    close(reportFd);
    if (options.lockFd !== undefined) close(options.lockFd);
  }
  const report = await readReport(reportEnd);
  return outcome(report, waitPid(pid, true));
}

type Slot = readonly [slot: number, fd: number];

function program(fd: number, image: number, { lockFd, preserveFds }: CarryOutOptions, more: readonly Slot[]): Program {
  const slots: readonly Slot[] = lockFd === undefined ? more : [[SLOT_LOCK, lockFd], ...more];
  return {
    fd,
    argv: [PROGRAM, String(image), ...slots.map(([slot, open]) => `${slot}=${open}`)],
    env: environment(),
    keepFds: [image, ...slots.map(([, open]) => open), ...preservedFds(preserveFds)],
    nofile: callersNofile(process.env.MYDOCKER_NOFILE),
  };
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
  if (record === undefined)
    throw new RuntimeError("ERR_INTERNAL", `Cannot read the failure record in descriptor ${fd}`);
  return new StepError(record);
}
