import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildStep, runBuildStep } from "../../../src/tools/build-step.ts";
import { BUILD_STEPS } from "../../../src/tools/build-steps.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { type CommandResult, runCommand } from "../../../src/tools/run-command.ts";
import type { TestResult } from "./test-result.ts";

/** Carries out the build, each step a test: lazily, because each builds on those before it. */
export function* runBuild(): Generator<TestResult> {
  for (const step of BUILD_STEPS) yield check("build", step.name, () => build(step));
  yield check("build", "test programs", () => runCommand(["make", "--silent", "--jobs", "-C", "test/probe"]));
}

/** Carries out the checks of the sources that need no test file. */
export function* runStaticChecks(): Generator<TestResult> {
  yield check("check", "lint and format", () => runCommand([process.execPath, "src/tools/lint.ts"]));
  yield check("check", "order of imports", () => runCommand([process.execPath, "src/tools/check-imports.ts"]));
}

function check(file: string, name: string, run: () => CommandResult): TestResult {
  const started = performance.now();
  const { succeeded, output } = run();
  const durationMs = performance.now() - started;
  return { file, path: [name], outcome: succeeded ? "passed" : "failed", durationMs, reason: succeeded ? "" : output };
}

/** Fails where a generated file of the sources was not what its generator makes. */
function build(step: BuildStep): CommandResult {
  const sources = step.outputs.filter((file) => !/^(build|dist)\//.test(file) && existsSync(join(PROJECT_ROOT, file)));
  const before = sources.map(readProjectFile);
  const result = runBuildStep(step);
  const stale = sources.filter((file, index) => readProjectFile(file) !== before[index]);
  if (!result.succeeded || stale.length === 0) return result;
  return { succeeded: false, output: `was not as generated, and has been written anew: ${stale.join(" ")}` };
}

function readProjectFile(file: string): string {
  return readFileSync(join(PROJECT_ROOT, file), "utf8");
}
