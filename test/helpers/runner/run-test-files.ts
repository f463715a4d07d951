/**
 * Runs the compiled test files named as arguments with node's own test runner, each in a process, and writes a
 * TestResult a line to standard output. Apart from the reporting process, because that runs on bun.
 */
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { run } from "node:test";
import { inspect } from "node:util";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { TIME_SCALE } from "../time-scale.ts";
import { NO_REASON, type TestResult } from "./test-result.ts";

/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = 600_000;

/** One more than there are processors, because tests wait for a good part of their time; not in an emulated machine. */
const FILES_AT_A_TIME = availableParallelism() + (TIME_SCALE === 1 ? 1 : 0);

interface TestEvent {
  readonly name: string;
  readonly nesting: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: { readonly duration_ms: number; readonly type?: string; readonly error?: Error };
}

const waiting = process.argv.slice(2);
await Promise.all(Array.from({ length: FILES_AT_A_TIME }, runWaiting));

async function runWaiting(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runFile(file);
}

/** One `run` a file: the events of a longer run name the file that called `it`, which may be a helper. */
function runFile(compiled: string): Promise<void> {
  const file = relative(PROJECT_ROOT, compiled)
    .replace(/^build\//, "")
    .replace(/\.js$/, ".ts");
  const names: string[] = [];
  const report = (event: TestEvent, outcome: TestResult["outcome"]): void => {
    if (event.details.type === "suite" && !failedItself(event, outcome)) return;
    const path = [...names.slice(0, event.nesting), event.name];
    writeResult({ file, path, outcome, durationMs: event.details.duration_ms, reason: reasonOf(event, outcome) });
  };
  const stream = run({ files: [compiled], concurrency: 1, timeout: FILE_TIMEOUT_MS });
  stream.on("test:start", ({ name, nesting }) => names.splice(nesting, Number.POSITIVE_INFINITY, name));
  stream.on("test:pass", (event) => report(event, isSkipped(event) ? "skipped" : "passed"));
  stream.on("test:fail", (event) => report(event, event.todo === undefined ? "failed" : "skipped"));
  stream.on("test:stderr", ({ message }) => process.stderr.write(message));
  // Without a reader the stream never comes to its end.
  return new Promise((done) => stream.once("end", done).resume());
}

function writeResult(result: TestResult): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** A suite counts only where a hook of its own has failed: its tests are reported one by one. */
function failedItself(event: TestEvent, outcome: TestResult["outcome"]): boolean {
  return outcome === "failed" && failureType(event.details.error) !== "subtestsFailed";
}

function failureType(error: Error | undefined): unknown {
  return error !== undefined && "failureType" in error ? error.failureType : undefined;
}

function isSkipped({ skip, todo }: TestEvent): boolean {
  return skip !== undefined || todo !== undefined;
}

function reasonOf({ skip, todo, details }: TestEvent, outcome: TestResult["outcome"]): string {
  if (outcome === "passed") return "";
  if (outcome === "failed") return inspect(details.error?.cause ?? details.error);
  const reason = skip ?? todo;
  return typeof reason === "string" && reason !== "" ? reason : NO_REASON;
}
