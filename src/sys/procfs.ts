import { close } from "./descriptors.ts";
import { readTextIfExists } from "./files.ts";
import { pidfdOpen, pidfdSend } from "./processes.ts";

/** A process as /proc/<pid>/stat shows it. Source: proc_pid_stat(5). */
export interface ProcessStat {
  /** One letter: "R" running, "S" sleeping, "Z" zombie, "X" dead… */
  readonly state: string;
  readonly ppid: number;
  /** In clock ticks since boot: with the pid it names one process for as long as the machine is up. */
  readonly startTime: number;
}

const MAX_STAT_BYTES = 4096;
/** What the kernel allows for arguments and environment at the usual stack limit. Source: execve(2). */
const MAX_CMDLINE_BYTES = 2 << 20;

/** The process's line in /proc; undefined where no process has the pid. Throws SystemError. */
export function processStat(pid: number): ProcessStat | undefined {
  const text = readTextIfExists(`/proc/${pid}/stat`, MAX_STAT_BYTES);
  return text === undefined ? undefined : parseProcessStat(text);
}

/** Parses the line; the command's name in it may hold spaces and parentheses. Source: proc_pid_stat(5). */
export function parseProcessStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", ppid: Number(fields[1]), startTime: Number(fields[19]) };
}

/** Whether the process that had this pid at this time still runs; a zombie does not. */
export function isProcessAlive(pid: number, startTime: number): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat.startTime === startTime && stat.state !== "Z" && stat.state !== "X";
}

/**
 * Signals a process and never its successor under the same pid; false where it has ended. Throws SystemError.
 * Source: pidfd_open(2).
 */
export function signalProcess(pid: number, startTime: number, signal: number): boolean {
  const fd = pidfdOpen(pid);
  if (fd === undefined) return false;
  try {
    return isProcessAlive(pid, startTime) && pidfdSend(fd, signal);
  } finally {
    close(fd);
  }
}

/** The fields of /proc/<pid>/status by name, such as "NSpid" or "CapEff"; undefined where the process is gone. */
export function processStatus(pid: number): Readonly<Record<string, string>> | undefined {
  const text = readTextIfExists(`/proc/${pid}/status`);
  return text === undefined ? undefined : parseProcessStatus(text);
}

/** Source: proc_pid_status(5). */
export function parseProcessStatus(text: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  return fields;
}

/** The arguments of a process; empty for a zombie or kernel thread, undefined where the process is gone. */
export function processArguments(pid: number): readonly string[] | undefined {
  const text = readTextIfExists(`/proc/${pid}/cmdline`, MAX_CMDLINE_BYTES);
  if (text === undefined) return undefined;
  const args = text.split("\0");
  return text.endsWith("\0") ? args.slice(0, -1) : args.filter((argument) => argument !== "");
}
