import { join } from "node:path";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { missingForVm } from "../../vm/run-in-vm.ts";
import type { VmSuite } from "../../vm/suites.ts";
import type { TestResult } from "./test-result.ts";
import { isCrash, testResults } from "./test-results.ts";

/** How much slower than its host an emulated machine is, more or less: what tests wait for takes so much longer. */
const TIME_SCALE = 10;

/** Runs a suite in a virtual machine; where none can be booted, that is a skipped result. */
export async function* vmResults(suite: VmSuite): AsyncGenerator<TestResult> {
  const label = `vm (${suite.name})`;
  const missing = missingForVm(suite.systemd);
  if (missing !== undefined) {
    yield { file: label, path: [suite.name], outcome: "skipped", durationMs: 0, reason: missing };
    return;
  }
  for await (const result of withSecondMachine(() => testResults(suite.files, {}, launcherOf(suite)))) {
    yield { ...result, file: `${label}: ${result.file}` };
  }
}

/**
 * Runs a suite, and all of it again where the machine did not live to the end: its kernel can have a defect of its own.
 * Of a first run that broke off so, nothing is told but that, as "unsteady".
 */
export async function* withSecondMachine(run: () => AsyncIterable<TestResult>): AsyncGenerator<TestResult> {
  const first: TestResult[] = [];
  for await (const result of run()) first.push(result);
  const crash = first.find(isCrash);
  if (crash === undefined) {
    yield* first;
  } else {
    yield { ...crash, outcome: "unsteady" };
    yield* run();
  }
}

function launcherOf(suite: VmSuite): readonly string[] {
  const options = [`--timeout=${suite.timeoutMs / 1000}`, `--env=TEST_TIME_SCALE=${TIME_SCALE}`];
  if (suite.systemd) options.push("--systemd");
  if (suite.cgroups !== undefined) options.push(`--cgroups=${suite.cgroups}`);
  return [process.execPath, join(PROJECT_ROOT, "test/vm/vm.ts"), ...options, "--"];
}
