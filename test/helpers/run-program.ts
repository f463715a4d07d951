import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TIME_SCALE } from "./time-scale.ts";

export interface ProgramResult {
  /** The exit status; 128+n for a signal. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** What it reads from standard input; without, that is /dev/null. */
  readonly stdin?: string;
  /** Added to an environment that holds PATH only. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Descriptors of this process that become 3, 4 and so on. */
  readonly fds?: readonly number[];
  /** It is killed then, and the promise is rejected. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000 * TIME_SCALE;
const OUTPUT_TIMEOUT_MS = 10_000 * TIME_SCALE;
const POLL_MS = 10;

/** A program under way. Its output goes to files, because what it leaves running may hold a pipe open for ever. */
export class RunningProgram {
  readonly ended: Promise<ProgramResult>;
  readonly #child: ChildProcess;
  readonly #stdoutFile: string;

  /** `scratch` is a directory for its output. */
  constructor(scratch: string, argv: readonly string[], options: ProgramOptions = {}) {
    const directory = mkdtempSync(join(scratch, "run-"));
    this.#stdoutFile = join(directory, "stdout");
    const stderrFile = join(directory, "stderr");
    const [file = "", ...args] = argv;
    const outputs = [this.#stdoutFile, stderrFile].map((path) => openSync(path, "a+"));
    const stdio: StdioOptions = [options.stdin === undefined ? "ignore" : "pipe", ...outputs, ...(options.fds ?? [])];
    const env = { PATH: process.env.PATH ?? "", ...options.env };
    this.#child = spawn(file, args, { env, stdio, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
    // A program that ends without reading makes the write fail: its result tells what happened.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdin?.end(options.stdin);
    for (const fd of outputs) closeSync(fd);
    this.ended = this.#result(argv.join(" "), stderrFile, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return readFileSync(this.#stdoutFile, "utf8");
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once standard output matches, also by what the program has left running; rejects after ten seconds. */
  async waitForOutput(pattern: RegExp): Promise<void> {
    for (const deadline = Date.now() + OUTPUT_TIMEOUT_MS; !pattern.test(this.stdout); await delay(POLL_MS)) {
      if (Date.now() > deadline) throw new Error(`no ${pattern} in the output: ${this.stdout}`);
    }
  }

  async #result(shown: string, stderrFile: string, timeoutMs: number): Promise<ProgramResult> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), timeoutMs);
    const [code, signal] = await ending(this.#child);
    clearTimeout(timer);
    const result = { stdout: this.stdout, stderr: readFileSync(stderrFile, "utf8") };
    if (signal === "SIGKILL" && !this.#child.killed) return { status: 137, ...result };
    if (signal === "SIGKILL") throw new Error(`killed after ${timeoutMs} ms: ${shown}\n${JSON.stringify(result)}`);
    return { status: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), ...result };
  }
}

/** Runs a program to its end. */
export function runProgram(scratch: string, argv: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
  return new RunningProgram(scratch, argv, options).ended;
}

function ending(child: ChildProcess): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve([code, signal]));
  });
}
