import { errnoText } from "../../linux/errno.ts";
import { pathType, readTextIfExists, unlink } from "../../sys/files.ts";
import { installedFile } from "../../sys/installed-file.ts";
import { isProcessAlive, processArguments, processStat, signalProcess } from "../../sys/procfs.ts";
import { helperSucceeded, runHelper } from "../../sys/run-helper.ts";
import { EngineError } from "../base/errors.ts";

/** mydocker-netd, the static program of native/netd.h: started with its sockets, known by its pid file. */

/** Source: signal(7). */
const SIGKILL = 9;

/** The first descriptor that it is given. */
const FIRST_FD = 3;

/**
 * Starts it in the background; it serves when this returns. `sockets` become 3 and so on, and stay the caller's to
 * close. Throws EngineError, SystemError.
 */
export function startNetd(
  role: "dns" | "proxy",
  pidFile: string,
  args: readonly string[],
  sockets: readonly number[],
): void {
  const fds = sockets.map((fd, index) => [FIRST_FD + index, fd] as const);
  const result = runHelper(installedFile("mydocker-netd"), [role, pidFile, ...args], { fds });
  if (helperSucceeded(result)) return;
  const status = result.status?.exited === true ? errnoText(result.status.status) : "it was killed";
  throw new EngineError(`Cannot start the ${role === "dns" ? "name server" : "port proxy"}: ${status}`, {
    code: "ERR_SYSTEM",
  });
}

/** The number that the socket of this place has in the program. */
export function netdFd(index: number): string {
  return String(FIRST_FD + index);
}

/** Whether the program of this pid file runs. */
export function isNetdAlive(pidFile: string): boolean {
  return runningNetd(pidFile) !== undefined;
}

/** Ends the program of this pid file, if it runs, waits until it has, and removes the file. */
export function stopNetd(pidFile: string): void {
  const running = runningNetd(pidFile);
  if (running !== undefined) {
    signalProcess(running.pid, running.startTime, SIGKILL);
    waitUntilGone(running);
  }
  if (pathType(pidFile) !== undefined) unlink(pidFile);
}

interface Running {
  readonly pid: number;
  readonly startTime: number;
}

/** A pid may be another's by now: the program has its pid file among its arguments, or a name that begins with it. */
function runningNetd(pidFile: string): Running | undefined {
  const pid = Number(readTextIfExists(pidFile)?.trim() ?? "0");
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const stat = processStat(pid);
  if (stat === undefined || stat.state === "Z" || !namesFile(pid, pidFile)) return undefined;
  return { pid, startTime: stat.startTime };
}

function namesFile(pid: number, pidFile: string): boolean {
  return processArguments(pid)?.some((argument) => argument.includes(pidFile)) ?? false;
}

/** It holds nothing that a kill could be long about. */
function waitUntilGone({ pid, startTime }: Running): void {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 200 && isProcessAlive(pid, startTime); tries++) Atomics.wait(turn, 0, 0, 1);
}
