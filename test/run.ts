/**
 * `npm test [-- PART…]`: builds, checks and tests, and closes with "N passed, N failed, N skipped". With parts of
 * file names, only the test files that contain one. With --peers, the integration tests on the other runtimes that
 * are installed. With --node, the integration tests on this runtime in Node, of which the whole `npm test` runs a part
 * too. With --vm, the suites that virtual machines run, which the whole `npm test` ends with too. Run by bun,
 * see src/tools/bun.sh.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { PROJECT_ROOT } from "../src/tools/project-root.ts";
import { installedPeers } from "./helpers/peers.ts";
import { runBuild, runStaticChecks } from "./helpers/runner/checks.ts";
import { nodeRuntime } from "./helpers/runner/node-runtime.ts";
import { Report } from "./helpers/runner/report.ts";
import { type Run, withSecondTry } from "./helpers/runner/second-try.ts";
import { testResults } from "./helpers/runner/test-results.ts";
import { vmResults } from "./helpers/runner/vm-results.ts";
import { VM_SUITES, type VmSuite } from "./vm/suites.ts";

/** Quick ones first, so that what is plainly broken shows soon. */
const ORDER = ["unit", "native", "integration"];

const parts = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const onPeers = process.argv.includes("--peers");
const onNode = process.argv.includes("--node");
const inVm = process.argv.includes("--vm");
const isWhole = parts.length === 0 && !onPeers && !onNode && !inVm;

/** Integration tests of mydocker, which brings its runtime: they do the same whatever --peers or --node name. */
const WITH_ITS_OWN_RUNTIME = /^(engine|images?|network|package)[-.]/;

/** What the whole `npm test` runs on Node as well: each verb of a life, where all of it would take ten times as long. */
const NODE_PARTS = ["create", "start", "state", "kill", "delete"].map((verb) => `test/integration/${verb}.test.ts`);

const report = new Report();
for (const result of runBuild()) report.add(result);
if (isWhole) for (const result of runStaticChecks()) report.add(result);
if (!inVm) {
  for (const env of environments()) {
    const files = onPeers || onNode ? testFiles("integration").filter(isOfTheRuntime) : testFiles("");
    await runAndReport(files, (some) => testResults(some, env));
  }
}
if (isWhole) await runAndReport(NODE_PARTS, (files) => testResults(files, { OCI_RUNTIME: nodeRuntime() }));
if (isWhole || inVm) {
  for (const suite of VM_SUITES.map(wantedOf)) {
    if (suite.files.length > 0) await runAndReport(suite.files, (files) => vmResults({ ...suite, files }));
  }
}
process.exitCode = report.close();

/** Only the whole run has a second try: whoever works on a part wants to see each failure. */
async function runAndReport(files: readonly string[], run: Run): Promise<void> {
  for await (const result of isWhole ? withSecondTry(files, run) : run(files)) report.add(result);
}

/** What each run of the test files finds in its environment. */
function environments(): readonly { readonly OCI_RUNTIME?: string }[] {
  if (onPeers) return installedPeers().map(({ path }) => ({ OCI_RUNTIME: path }));
  return [onNode ? { OCI_RUNTIME: nodeRuntime() } : {}];
}

/** Test files below a folder of test/, relative to the project's root, without those that the command line leaves out. */
function testFiles(folder: string): readonly string[] {
  return readdirSync(join(PROJECT_ROOT, "test", folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join("test", folder, file))
    .filter(isWanted)
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function isOfTheRuntime(file: string): boolean {
  return !WITH_ITS_OWN_RUNTIME.test(basename(file));
}

function wantedOf(suite: VmSuite): VmSuite {
  return { ...suite, files: suite.files.filter(isWanted) };
}

function isWanted(file: string): boolean {
  return parts.length === 0 || parts.some((part) => file.includes(part));
}

function rank(file: string): number {
  const index = ORDER.indexOf(file.split("/")[1] ?? "");
  return index === -1 ? ORDER.length : index;
}
