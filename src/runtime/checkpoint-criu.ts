import { RuntimeError } from "../base/errors.ts";
import { pathType, readTextIfExists } from "../sys/files.ts";

/** One run of criu. */
export interface CriuRun {
  /** What it is to do, for a sentence that begins with "Cannot": `checkpoint container "x"`. */
  readonly action: string;
  /** What --criu names; undefined where the program is to be looked for. */
  readonly program: string | undefined;
  readonly args: readonly string[];
  readonly logFile: string;
  /** A descriptor that it inherits under the same number. */
  readonly keepFd?: number;
}

/** Runs criu to its end. Throws RuntimeError with criu's own reason. */
export async function runCriu({ action, program, args, logFile, keepFd }: CriuRun): Promise<void> {
  const { spawn } = await import("node:child_process");
  const stdio: ("ignore" | "pipe" | number)[] = ["ignore", "ignore", "pipe"];
  for (let fd = stdio.length; keepFd !== undefined && fd <= keepFd; fd++) stdio.push(fd === keepFd ? fd : "ignore");
  const child = spawn(findCriu(action, program), args, { stdio });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(0, MAX_STDERR);
  });
  const ending = await new Promise<string | undefined>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : describeEnd(code, signal)));
  });
  if (ending !== undefined) throw criuFailure(action, ending, logFile, said);
}

/** Where the program is: what --criu names, or in $PATH. Throws RuntimeError ERR_NOT_SUPPORTED where it is not there. */
export function findCriu(action: string, named: string | undefined): string {
  if (named !== undefined) return existing(action, named);
  const directories = (process.env.PATH ?? "").split(":").filter((entry) => entry.startsWith("/"));
  const program = directories.map((directory) => `${directory}/criu`).find((path) => pathType(path) !== undefined);
  if (program === undefined) throw missing(action);
  return program;
}

const MAX_STDERR = 4096;

function existing(action: string, program: string): string {
  if (pathType(program) !== undefined) return program;
  throw new RuntimeError("ERR_NOT_SUPPORTED", `Cannot ${action}: "${program}" does not exist`, { flag: "--criu" });
}

function missing(action: string): RuntimeError {
  return new RuntimeError("ERR_NOT_SUPPORTED", `Cannot ${action}: the host has no program "criu"`, {
    fix: "install it (Debian: criu)",
  });
}

function describeEnd(code: number | null, signal: string | null): string {
  return signal === null ? `exit status ${code}` : signal;
}

/** What criu gave as its reason; its log says more than it prints. */
export function criuFailure(action: string, ending: string, logFile: string, said: string): RuntimeError {
  const reasons = criuErrors(readTextIfExists(logFile, MAX_LOG_BYTES) ?? "");
  const printed = reasons.length > 0 ? reasons : criuErrors(said);
  const reason = printed.length === 0 ? `it ended with ${ending}` : printed.join("; ");
  return new RuntimeError("ERR_STEP", `Cannot ${action}: criu: ${reason}`, { fix: `read criu's log, "${logFile}"` });
}

const MAX_LOG_BYTES = 256 << 20;
const SHOWN_ERRORS = 3;

/**
 * The last errors of a log, without times and without the closing line that says only that it has failed. A line reads
 * `(00.012345)    123: Error (criu/file.c:45): what is wrong`.
 */
export function criuErrors(log: string): readonly string[] {
  const errors: string[] = [];
  for (const [, text = ""] of log.matchAll(/Error \([^)]*\): (.*)/g)) {
    const reason = text.trim().replace(/\.$/, "");
    if (!/\b(FAILED|failed)$/.test(reason)) errors.push(reason);
  }
  return errors.slice(-SHOWN_ERRORS);
}
