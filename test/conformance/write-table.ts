/**
 * `npm run conformance`: runs the tests of the requirements on this project's runtime and on the other runtimes that are
 * installed, and writes docs/conformance.md. Fails where a row of ours does. Run by bun, see src/tools/bun.sh.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { VERSION } from "../../src/base/version.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { cgroupV1Directory } from "../helpers/needs.ts";
import { installedPeers, type Peer } from "../helpers/peers.ts";
import { runBuild } from "../helpers/runner/checks.ts";
import { Report } from "../helpers/runner/report.ts";
import type { TestResult } from "../helpers/runner/test-result.ts";
import { testResults } from "../helpers/runner/test-results.ts";
import { type Column, conformanceTable } from "./table.ts";

const FOLDER = "test/conformance";

const report = new Report();
for (const result of runBuild()) report.add(result);
const ours = await resultsOn({});
for (const result of ours) report.add(result);
const columns: Column[] = [{ heading: `mydocker-runtime ${VERSION}`, results: ours }];
for (const peer of installedPeers()) {
  columns.push({ heading: headingOf(peer), results: await resultsOn({ OCI_RUNTIME: peer.path }) });
}
writeFileSync(join(PROJECT_ROOT, "docs/conformance.md"), conformanceTable(columns, { host: hostText() }));
process.exitCode = report.close();

async function resultsOn(env: Readonly<Record<string, string>>): Promise<readonly TestResult[]> {
  const files = readdirSync(join(PROJECT_ROOT, FOLDER), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join(FOLDER, file))
    .sort();
  const results: TestResult[] = [];
  for await (const result of testResults(files, env)) results.push(result);
  return results;
}

/** "runc 1.1.5+ds1", from the first line of --version. */
function headingOf({ name, path }: Peer): string {
  const version = / version (\S+)/.exec(runCommand([path, "--version"]).output)?.[1] ?? "";
  return `${name} ${version}`.trim();
}

function hostText(): string {
  const kernel = release().match(/^\d+\.\d+/)?.[0] ?? release();
  return `Linux ${kernel} with cgroup ${cgroupV1Directory("memory") === undefined ? "v2" : "v1"}`;
}
