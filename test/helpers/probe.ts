import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";

/** The probe on the host; in a container of the tests it is /probe. */
export const PROBE = join(PROJECT_ROOT, "build/probe/probe");

export interface ProbeError {
  /** The errno's name. */
  readonly error: string;
}

type Outcome = { readonly ok: true } | ProbeError;

/** What each command of test/probe prints. */
export interface ProbeReports {
  args: readonly string[];
  alloc: Outcome;
  "alloc-huge": Outcome;
  cat: string | ProbeError;
  chmod: Outcome;
  chown: Outcome;
  clocks: { readonly monotonicSeconds: number; readonly boottimeSeconds: number };
  cwd: string | ProbeError;
  datagram: Outcome;
  /** Milliseconds. */
  disk: number | ProbeError;
  env: readonly string[];
  exec: number;
  fds: Readonly<Record<string, string>>;
  fork: { readonly forked: number; readonly error: string };
  ids: Readonly<Record<"pid" | "ppid" | "sid" | "pgid" | "uid" | "gid" | "euid" | "egid" | "umask", number>>;
  kill: Outcome;
  ls: readonly string[] | ProbeError;
  mkdir: Outcome;
  mknod: Outcome;
  "mount-proc": Outcome;
  "mount-tmpfs": Outcome;
  namespaces: Readonly<Record<"cgroup" | "ipc" | "mnt" | "net" | "pid" | "time" | "user" | "uts", string>>;
  notify: Outcome;
  open: Outcome;
  opens: readonly [OpenCounts, OpenCounts];
  "raw-socket": Outcome;
  readlink: string | ProbeError;
  rlimits: Readonly<Record<string, readonly [soft: number, hard: number]>>;
  sched: Readonly<Record<"policy" | "priority" | "nice" | "ioprio", number>>;
  "set-hostname": Outcome;
  spawn: number;
  spin: { readonly wallMs: number; readonly cpuMs: number };
  stat: FileStat | ProbeError;
  statfs: { readonly bytes: number; readonly files: number } | ProbeError;
  tty: TerminalReport;
  uname: { readonly hostname: string; readonly domainname: string };
  write: Outcome;
  "write-fd": Outcome;
}

/** How often a file could be opened, and how often that was not permitted. */
export interface OpenCounts {
  readonly could: number;
  readonly couldNot: number;
}

export interface FileStat {
  readonly type: "file" | "directory" | "link" | "char" | "block" | "fifo" | "socket";
  /** Four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  readonly atimeNs: number;
}

export interface TerminalReport {
  readonly isatty: readonly boolean[];
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly isControlling: boolean;
  readonly isForeground: boolean;
}

export type ProbeCommand = readonly [keyof ProbeReports, ...string[]];

export type ReportsOf<Commands extends readonly ProbeCommand[]> = {
  -readonly [Index in keyof Commands]: ProbeReports[Commands[Index][0]];
};

/** The probe's arguments for several commands, also for those that print nothing. */
export function probeArgs(...commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap((command, index) => (index === 0 ? command : ["--", ...command]));
}

/** Reads the probe's lines of JSON. */
export function parseReports(output: string): readonly unknown[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** The value of a report that must not be an error. */
export function succeeded<Value>(report: Value | ProbeError): Value {
  // Narrowing by hand: Value may be a string, an array or an object.
  const isError = typeof report === "object" && report !== null && "error" in report;
  assert.ok(!isError, `the probe was refused: ${JSON.stringify(report)}`);
  return report as Value;
}
