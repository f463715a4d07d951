import type { TestResult } from "./test-result.ts";

/** Runs test files, named relative to the project's root. */
export type Run = (files: readonly string[]) => AsyncIterable<TestResult>;

/**
 * Runs test files, and those with a failure once more, after the others: a test of a whole system can meet a machine that
 * is busy. What failed is "unsteady" where its file passes then, and stays failed where anything in it fails again.
 */
export async function* withSecondTry(files: readonly string[], run: Run): AsyncGenerator<TestResult> {
  const failed: TestResult[] = [];
  for await (const result of run(files)) {
    if (result.outcome === "failed") failed.push(result);
    else yield result;
  }
  for (const file of files) {
    const failures = failed.filter((result) => isOf(result, file));
    if (failures.length > 0) yield* secondTry(failures, run([file]));
  }
  yield* failed.filter((result) => !files.some((file) => isOf(result, file)));
}

async function* secondTry(
  failures: readonly TestResult[],
  again: AsyncIterable<TestResult>,
): AsyncGenerator<TestResult> {
  let ran = false;
  const failedAgain: TestResult[] = [];
  for await (const result of again) {
    ran = true;
    if (result.outcome === "failed") failedAgain.push(result);
  }
  const isSteady = !ran || failedAgain.length > 0;
  yield* failures.map((result) => ({ ...result, outcome: isSteady ? ("failed" as const) : ("unsteady" as const) }));
  yield* failedAgain.filter((result) => !failures.some((earlier) => isSame(earlier, result)));
}

/** A virtual machine's results have its name before the file's. */
function isOf(result: TestResult, file: string): boolean {
  return result.file === file || result.file.endsWith(` ${file}`);
}

function isSame(one: TestResult, other: TestResult): boolean {
  return one.file === other.file && one.path.join("\n") === other.path.join("\n");
}
