/**
 * `npm test [-- PART…]`: builds, checks and tests, and closes with "N passed, N failed, N skipped". With parts of
 * file names, only the test files that contain one. With --peers, the integration tests on the other runtimes that
 * are installed. Run by bun, see src/tools/bun.sh.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../src/tools/project-root.ts";
import { installedPeers } from "./helpers/peers.ts";
import { runBuild, runStaticChecks } from "./helpers/runner/checks.ts";
import { Report } from "./helpers/runner/report.ts";
import { testResults } from "./helpers/runner/test-results.ts";

/** Quick ones first, so that what is plainly broken shows soon. */
const ORDER = ["unit", "native", "integration"];

const parts = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const onPeers = process.argv.includes("--peers");

const report = new Report();
for (const result of runBuild()) report.add(result);
if (parts.length === 0 && !onPeers) for (const result of runStaticChecks()) report.add(result);
const environments = onPeers ? installedPeers().map(({ path }) => ({ OCI_RUNTIME: path })) : [{}];
for (const env of environments) {
  for await (const result of testResults(testFiles(onPeers ? "integration" : ""), env)) report.add(result);
}
process.exitCode = report.close();

/** Test files below a folder of test/, relative to the project's root, without those that the command line leaves out. */
function testFiles(folder: string): readonly string[] {
  return readdirSync(join(PROJECT_ROOT, "test", folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join("test", folder, file))
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function rank(file: string): number {
  const index = ORDER.indexOf(file.split("/")[1] ?? "");
  return index === -1 ? ORDER.length : index;
}
