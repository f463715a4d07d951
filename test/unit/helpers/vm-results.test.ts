import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestResult } from "../../helpers/runner/test-result.ts";
import { withSecondMachine } from "../../helpers/runner/vm-results.ts";

const RUNNER = "test/run.ts";
const FILE = "test/a.test.ts";

test("what a machine that lives to the end finds is told once, failures and all", async () => {
  assert.deepEqual(await outcomes([FILE, "passed"], [FILE, "failed"]), [
    "test/a.test.ts passed",
    "test/a.test.ts failed",
  ]);
});

test("a machine that dies is unsteady, and another one runs all of its tests", async () => {
  const seen = await outcomes([FILE, "failed"], [RUNNER, "failed"], "again", [FILE, "passed"]);
  assert.deepEqual(seen, ["test/run.ts unsteady", "test/a.test.ts passed"]);
});

test("a second machine that dies has failed", async () => {
  const seen = await outcomes([RUNNER, "failed"], "again", [FILE, "passed"], [RUNNER, "failed"]);
  assert.deepEqual(seen, ["test/run.ts unsteady", "test/a.test.ts passed", "test/run.ts failed"]);
});

type Step = "again" | readonly [file: string, outcome: TestResult["outcome"]];

/** What is told of the runs that consist of these results, with "again" between them. */
async function outcomes(...steps: readonly Step[]): Promise<readonly string[]> {
  const waiting = [...steps];
  async function* run(): AsyncGenerator<TestResult> {
    for (let step = waiting.shift(); step !== undefined && step !== "again"; step = waiting.shift()) {
      yield { file: step[0], path: ["one"], outcome: step[1], durationMs: 1, reason: "" };
    }
  }
  const seen: string[] = [];
  for await (const { file, outcome } of withSecondMachine(run)) seen.push(`${file} ${outcome}`);
  assert.deepEqual(waiting, []);
  return seen;
}
