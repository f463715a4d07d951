import { join } from "node:path";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { missingForVm } from "../../vm/run-in-vm.ts";
import type { VmSuite } from "../../vm/suites.ts";
import type { TestResult } from "./test-result.ts";
import { testResults } from "./test-results.ts";

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
  const options = [`--timeout=${suite.timeoutMs / 1000}`, `--env=TEST_TIME_SCALE=${TIME_SCALE}`];
  if (suite.systemd) options.push("--systemd");
  if (suite.cgroups !== undefined) options.push(`--cgroups=${suite.cgroups}`);
  const launcher = [process.execPath, join(PROJECT_ROOT, "test/vm/vm.ts"), ...options, "--"];
  for await (const result of testResults(suite.files, {}, launcher)) {
    yield { ...result, file: `${label}: ${result.file}` };
  }
}
