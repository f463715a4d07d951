import { runBuildStep } from "./build-step.ts";
import { BUILD_STEPS } from "./build-steps.ts";

/** Brings build/ and dist/ up to date and says what it did. Returns false at the first step that fails. */
export function buildAll(): boolean {
  return BUILD_STEPS.every((step) => {
    const started = performance.now();
    const { wasFresh, succeeded, output } = runBuildStep(step);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (!wasFresh) console.log(`${succeeded ? "built" : "FAILED"} ${step.name} (${seconds} s)`);
    if (!succeeded) console.error(output);
    return succeeded;
  });
}
