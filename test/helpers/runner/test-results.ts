import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import type { TestResult } from "./test-result.ts";

const RUNNER = "test/run.ts";

/**
 * Runs test files, named relative to the project's root, in node, the older of the two engines that the project promises
 * to run on; `launcher` goes before the command line. Whatever goes wrong with that is a failed result too.
 */
export async function* testResults(
  files: readonly string[],
  env: Readonly<Record<string, string>>,
  launcher: readonly string[] = [],
): AsyncGenerator<TestResult> {
  const compiled = files.map((file) => join(PROJECT_ROOT, "build", file.replace(/\.ts$/, ".js")));
  const runner = join(PROJECT_ROOT, "build/test/helpers/runner/run-test-files.js");
  const [program = "", ...args] = [...launcher, "node", runner, ...compiled];
  const child = spawn(program, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  for await (const line of createInterface({ input: child.stdout })) yield asResult(line);
  const status = await ended;
  if (status !== 0) yield crashed(`the process that runs the test files ended with ${status}`);
}

/** A line of run-test-files; anything else that was printed there is a failure of its own. */
function asResult(line: string): TestResult {
  // Written by run-test-files.ts, from the same type.
  return line.startsWith('{"file":') ? (JSON.parse(line) as TestResult) : crashed(`unexpected output: ${line}`);
}

/** Whether the result is of no test, but of the process that ran them. */
export function isCrash({ file }: TestResult): boolean {
  return file === RUNNER;
}

function crashed(reason: string): TestResult {
  return { file: RUNNER, path: ["run the test files"], outcome: "failed", durationMs: 0, reason };
}
