/** The outcome of one test, as it travels from the process that runs test files to the one that reports. */
export interface TestResult {
  /** The file, relative to the project's root, or the kind of check: "lint". */
  readonly file: string;
  /** The names of the suites and the test, outermost first. */
  readonly path: readonly string[];
  /** Unsteady: failed, and passed when its file was run again. */
  readonly outcome: "passed" | "failed" | "skipped" | "unsteady";
  readonly durationMs: number;
  /** Why it failed, at first or for good, or was skipped. */
  readonly reason: string;
}

/** Why a test without a word about it was skipped. */
export const NO_REASON = "no reason given";
