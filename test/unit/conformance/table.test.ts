import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { conformanceTable } from "../../conformance/table.ts";
import { type Requirement, requirementOf, titleOf } from "../../conformance/title.ts";
import type { TestResult } from "../../helpers/runner/test-result.ts";

const REQUIREMENTS: readonly Requirement[] = [
  { id: "MD-RT-02", level: "MUST NOT", says: "it is so: (a, b)", at: "runtime.md#state", since: "1.1" },
  { id: "MD-RT-10", level: "REQUIRED", says: "another", at: "runtime.md" },
];

function resultOf(requirement: Requirement, outcome: TestResult["outcome"], reason = ""): TestResult {
  const file = "test/conformance/runtime/state.test.ts";
  return { file, path: [titleOf(requirement)], outcome, durationMs: 1, reason };
}

describe("requirementOf", () => {
  for (const requirement of REQUIREMENTS) {
    it(`reads ${requirement.id} from the title of its test`, () => {
      assert.deepEqual(requirementOf(titleOf(requirement)), { since: undefined, ...requirement });
    });
  }

  it("knows no requirement in another title", () => assert.equal(requirementOf("create makes a container"), undefined));
});

describe("conformanceTable", () => {
  const [first, second] = REQUIREMENTS;
  assert.ok(first && second);
  const text = conformanceTable(
    [
      { heading: "ours 1", results: [resultOf(second, "passed"), resultOf(first, "passed")] },
      { heading: "other 2", results: [resultOf(first, "failed"), resultOf(second, "skipped", "needs more")] },
    ],
    { host: "Linux 6.1" },
  );

  it("has a row for each requirement, in the order of their numbers", () => {
    const rows = text.split("\n").filter((line) => line.startsWith("| MD-"));
    const test = "[state](../test/conformance/runtime/state.test.ts)";
    const url = "https://github.com/opencontainers/runtime-spec/blob/v1.3.0/runtime.md";
    assert.deepEqual(rows, [
      `| MD-RT-02 | MUST NOT: it is so: (a, b) (since 1.1) | [state](${url}#state) | ${test} | yes | **no** |`,
      `| MD-RT-10 | REQUIRED: another | [top](${url}) | ${test} | yes | – 1 |`,
    ]);
  });

  it("gives the reasons of what was skipped, and sums up", () => {
    assert.match(text, /^1\. needs more$/m);
    assert.match(text, /^\| all \| 2 \| 2 yes \| 1 \*\*no\*\*, 1 – \|$/m);
  });
});

/** The table that is kept, which only a person's `npm run conformance` writes anew. */
describe("docs/conformance.md", () => {
  const lines = readFileSync(join(PROJECT_ROOT, "docs/conformance.md"), "utf8").split("\n");
  const rows = lines.filter((line) => line.startsWith("| MD-")).map((line) => line.split(" | "));

  it("says yes, or why not, in every row of ours", () => {
    const [id, ours] = [0, 4];
    const red = rows.filter((cells) => !/^(yes|– \d+)$/.test(cells[ours] ?? ""));
    assert.deepEqual(
      red.map((cells) => cells[id]),
      [],
    );
  });

  it("has a row for each number up to the last one of each file", () => {
    const ids = rows.map(([id = ""]) => id.replace("| ", ""));
    for (const prefix of new Set(ids.map((id) => id.slice(0, "MD-RT-".length)))) {
      const numbers = ids.filter((id) => id.startsWith(prefix)).map((id) => Number(id.slice(prefix.length)));
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index + 1),
        prefix,
      );
    }
  });

  it("has every number that a test names", () => {
    const folder = join(PROJECT_ROOT, "test/conformance");
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".test.ts"),
    );
    const named = sources.flatMap((file) => readFileSync(join(folder, file), "utf8").match(/MD-[A-Z]{2}-\d+/g) ?? []);
    const known = new Set(rows.map(([id = ""]) => id.replace("| ", "")));
    assert.deepEqual(
      named.filter((id) => !known.has(id)),
      [],
    );
  });
});
