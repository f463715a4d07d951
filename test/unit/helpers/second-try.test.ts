import assert from "node:assert/strict";
import { test } from "node:test";
import { withSecondTry } from "../../helpers/runner/second-try.ts";
import type { TestResult } from "../../helpers/runner/test-result.ts";

type Outcomes = Readonly<Record<string, readonly (readonly [name: string, outcome: TestResult["outcome"]])[]>>;

const FILES = ["test/a.test.ts", "test/b.test.ts"];

test("what fails once is unsteady, and its file alone runs again", async () => {
  const first: Outcomes = {
    "test/a.test.ts": [
      ["one", "passed"],
      ["two", "failed"],
    ],
    "test/b.test.ts": [["three", "passed"]],
  };
  const second: Outcomes = {
    "test/a.test.ts": [
      ["one", "passed"],
      ["two", "passed"],
    ],
  };
  assert.deepEqual(await outcomes(first, second), ["one passed", "three passed", "two unsteady"]);
});

test("what fails twice has failed, and so has all of a file in which anything fails again", async () => {
  const first: Outcomes = { "test/a.test.ts": [["one", "failed"]], "test/b.test.ts": [["two", "failed"]] };
  const second: Outcomes = {
    "test/a.test.ts": [["one", "failed"]],
    "test/b.test.ts": [
      ["two", "passed"],
      ["new", "failed"],
    ],
  };
  assert.deepEqual(await outcomes(first, second), ["one failed", "two failed", "new failed"]);
});

test("a file of which nothing is heard again has failed, and so has what is of no file", async () => {
  const first: Outcomes = { "test/a.test.ts": [["one", "failed"]], "test/run.ts": [["run the test files", "failed"]] };
  assert.deepEqual(await outcomes(first, {}), ["one failed", "run the test files failed"]);
});

test("a file is known behind the name of its virtual machine", async () => {
  const first: Outcomes = { "vm (cgroup v2): test/a.test.ts": [["one", "failed"]] };
  const second: Outcomes = { "vm (cgroup v2): test/a.test.ts": [["one", "passed"]] };
  assert.deepEqual(await outcomes(first, second), ["one unsteady"]);
});

async function outcomes(first: Outcomes, second: Outcomes): Promise<readonly string[]> {
  const runs = [first, second, second];
  const seen: string[] = [];
  const run = (files: readonly string[]) => results(runs.shift() ?? {}, files);
  for await (const { path, outcome } of withSecondTry(FILES, run)) seen.push(`${path[0]} ${outcome}`);
  return seen;
}

async function* results(outcomes: Outcomes, files: readonly string[]): AsyncGenerator<TestResult> {
  for (const [file, tests] of Object.entries(outcomes)) {
    if (/\.test\.ts$/.test(file) && !files.some((each) => file.endsWith(each))) continue;
    for (const [name, outcome] of tests) yield { file, path: [name], outcome, durationMs: 1, reason: "" };
  }
}
