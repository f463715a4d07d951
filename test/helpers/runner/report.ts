import type { TestResult } from "./test-result.ts";

/** Collects results, prints files and failures as they come, and sums up. */
export class Report {
  readonly #results: TestResult[] = [];
  readonly #files = new Set<string>();

  add(result: TestResult): void {
    this.#results.push(result);
    if (!this.#files.has(result.file)) console.log(result.file);
    this.#files.add(result.file);
    if (result.outcome === "failed" || result.outcome === "unsteady") console.log(failureText(result));
  }

  /** Prints what was skipped and why, what was unsteady, what failed, and the closing line. Returns the exit status. */
  close(): 0 | 1 {
    const [unsteady, failed, skipped] = [this.#with("unsteady"), this.#with("failed"), this.#with("skipped")];
    const passed = this.#with("passed").length + unsteady.length;
    printSkipped(skipped);
    printNames("Unsteady: failed, and passed when run again", unsteady);
    printNames("Failed", failed);
    console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
    return failed.length === 0 ? 0 : 1;
  }

  #with(wanted: TestResult["outcome"]): readonly TestResult[] {
    return this.#results.filter(({ outcome }) => outcome === wanted);
  }
}

function printNames(heading: string, results: readonly TestResult[]): void {
  if (results.length > 0) console.log(`\n${heading}:\n${results.map((result) => `  ${nameOf(result)}`).join("\n")}`);
}

function printSkipped(skipped: readonly TestResult[]): void {
  const reasons = new Set(skipped.map(({ reason }) => reason));
  for (const reason of reasons) {
    console.log(`\nSkipped: ${reason}`);
    for (const result of skipped) if (result.reason === reason) console.log(`  ${nameOf(result)}`);
  }
}

function failureText(result: TestResult): string {
  const word = result.outcome === "unsteady" ? "UNSTEADY" : "FAILED";
  return `\n${word} ${nameOf(result)} (${Math.round(result.durationMs)} ms)\n${indent(result.reason)}\n`;
}

function nameOf({ file, path }: TestResult): string {
  return `${file}: ${path.join(" > ")}`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
