/** `npm run build`: brings build/ and dist/ up to date, and says what it did. Run by bun, see bun.sh. */
import { runBuildStep } from "./build-step.ts";
import { BUILD_STEPS } from "./build-steps.ts";

process.exitCode = BUILD_STEPS.every((step) => {
  const started = performance.now();
  const result = runBuildStep(step);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!result.wasFresh) console.log(`${result.succeeded ? "built" : "FAILED"} ${step.name} (${seconds} s)`);
  if (!result.succeeded) console.error(result.output);
  return result.succeeded;
})
  ? 0
  : 1;
