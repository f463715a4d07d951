import assert from "node:assert/strict";
import { it } from "node:test";
import { main } from "../../../../src/cli/main.ts";
import type { LocatedProblem } from "../../../../src/runtime/index.ts";
import { fakeHost } from "../fake-host.ts";

const PLACE = { line: 1, column: 1 };

/** A report of one finding for each severity. */
async function statusOf(line: string, ...severities: readonly LocatedProblem["severity"][]): Promise<number> {
  const findings = severities.map((severity) => ({
    code: "CODE",
    severity,
    pointer: "" as const,
    message: "is so",
    location: { start: PLACE, end: PLACE, exact: true },
  }));
  const host = fakeHost({
    validateBundle: async (_context, { bundle }) => ({ file: `${bundle}/config.json`, findings, isHostChecked: true }),
  });
  const status = await main(line.split(" "), host);
  assert.equal(host.written.stderr, "");
  assert.ok(host.written.stdout.includes("config.json"));
  return status;
}

for (const [line, severities, expected] of [
  ["validate", [], 0],
  ["validate", ["warning"], 0],
  ["validate --strict", ["warning"], 1],
  ["validate --strict", [], 0],
  ["validate -b sub", ["warning", "error"], 1],
  ["validate --format json", ["error"], 1],
  ["validate -f sarif", ["warning"], 0],
] as const) {
  it(`"${line}" ends with ${expected} for findings [${severities.join()}]`, async () => {
    assert.equal(await statusOf(line, ...severities), expected);
  });
}
