/**
 * `npm test [-- PART…]`: builds, checks and tests, and closes with "N passed, N failed, N skipped". With parts of
 * file names, only the test files that contain one. With --peers, the integration tests on the other runtimes that
 * are installed. Run by bun, see src/tools/bun.sh.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PROJECT_ROOT } from "../src/tools/project-root.ts";
import { installedPeers } from "./helpers/peers.ts";
import { runBuild, runStaticChecks } from "./helpers/runner/checks.ts";
import { Report } from "./helpers/runner/report.ts";
import type { TestResult } from "./helpers/runner/test-result.ts";

/** Quick ones first, so that what is plainly broken shows soon. */
const ORDER = ["unit", "native", "integration"];

const parts = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const onPeers = process.argv.includes("--peers");

const report = new Report();
for (const result of runBuild()) report.add(result);
if (parts.length === 0 && !onPeers) for (const result of runStaticChecks()) report.add(result);
if (onPeers) for (const peer of installedPeers()) await runFiles(testFiles("integration"), { OCI_RUNTIME: peer.path });
else await runFiles(testFiles(""), {});
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

/** Runs the files in node, the older of the two engines that the project promises to run on. */
async function runFiles(files: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const compiled = files.map((file) => join(PROJECT_ROOT, "build", file.replace(/\.ts$/, ".js")));
  const child = spawn("node", [join(PROJECT_ROOT, "build/test/helpers/runner/run-test-files.js"), ...compiled], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  for await (const line of createInterface({ input: child.stdout })) report.add(asResult(line));
  const status = await ended;
  if (status !== 0) report.add(crashed(`the process that runs the test files ended with ${status}`));
}

/** A line of run-test-files; anything else that was printed there is a failure of its own. */
function asResult(line: string): TestResult {
  // Written by run-test-files.ts, from the same type.
  return line.startsWith('{"file":') ? (JSON.parse(line) as TestResult) : crashed(`unexpected output: ${line}`);
}

function crashed(reason: string): TestResult {
  return { file: "test/run.ts", path: ["run the test files"], outcome: "failed", durationMs: 0, reason };
}
