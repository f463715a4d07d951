import type { TestResult } from "./test-result.ts";

/** Collects results, prints files and failures as they come, and sums up. */
export class Report {
  readonly #results: TestResult[] = [];
  readonly #files = new Set<string>();

  add(result: TestResult): void {
    this.#results.push(result);
    if (!this.#files.has(result.file)) console.log(result.file);
    this.#files.add(result.file);
    if (result.outcome === "failed") console.log(failureText(result));
  }

  /** Prints what was skipped and why, what failed, and the closing line. Returns the exit status. */
  close(): 0 | 1 {
    printSkipped(this.#results.filter(({ outcome }) => outcome === "skipped"));
    const failed = this.#results.filter(({ outcome }) => outcome === "failed");
    if (failed.length > 0) console.log(`\nFailed:\n${failed.map((result) => `  ${nameOf(result)}`).join("\n")}`);
    const count = (wanted: TestResult["outcome"]) => this.#results.filter(({ outcome }) => outcome === wanted).length;
    console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
    return failed.length === 0 ? 0 : 1;
  }
}

function printSkipped(skipped: readonly TestResult[]): void {
  const reasons = new Set(skipped.map(({ reason }) => reason));
  for (const reason of reasons) {
    console.log(`\nSkipped: ${reason}`);
    for (const result of skipped) if (result.reason === reason) console.log(`  ${nameOf(result)}`);
  }
}

function failureText(result: TestResult): string {
  return `\nFAILED ${nameOf(result)} (${Math.round(result.durationMs)} ms)\n${indent(result.reason)}\n`;
}

function nameOf({ file, path }: TestResult): string {
  return `${file}: ${path.join(" > ")}`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
