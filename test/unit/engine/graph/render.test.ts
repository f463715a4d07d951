/** The pictures of fixed containers are, byte for byte, those in golden/. UPDATE_GOLDEN=1 writes them anew, to be looked at. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildGraph } from "../../../../src/engine/graph/build-graph.ts";
import { layoutGraph } from "../../../../src/engine/graph/layout-graph.ts";
import { renderDot } from "../../../../src/engine/graph/render-dot.ts";
import { renderSvg } from "../../../../src/engine/graph/render-svg.ts";
import { PROJECT_ROOT } from "../../../../src/tools/project-root.ts";
import { readXml } from "../../../helpers/read-xml.ts";
import { HOST, HOSTILE, SHARED } from "./sample-facts.ts";

const SAMPLES = { shared: SHARED, hostile: HOSTILE, empty: [] } as const;

for (const [name, containers] of Object.entries(SAMPLES)) {
  const graph = buildGraph(containers, HOST);
  const svg = renderSvg(layoutGraph(graph));
  const dot = renderDot(graph);

  test(`renderSvg draws the containers of golden/${name}.svg`, () => assertGolden(`${name}.svg`, svg));

  test(`renderDot writes the containers of golden/${name}.dot`, () => assertGolden(`${name}.dot`, dot));

  test(`renderSvg makes well-formed XML of ${name}, of harmless elements that name nothing outside`, () => {
    for (const { name: element, attributes } of readXml(svg)) {
      assert.ok(["", "svg", "title", "style", "rect", "g", "text", "path"].includes(element), element);
      for (const attribute of Object.keys(attributes)) assert.doesNotMatch(attribute, /^on|href|style|src/i);
    }
    assert.doesNotMatch(svg.replace('xmlns="http://www.w3.org/2000/svg"', ""), /https?:|url\(|@import/);
  });

  test(`renderDot writes every line of ${name} as one statement whose quotes are closed`, () => {
    const statement =
      /^ {2}(?:rankdir=LR;|(?:node|edge|n\d+(?: -> n\d+)?) \[(?:[a-z]+=(?:[a-z]+|"(?:[^"\\]|\\["\\n])*")(?:, )?)+\];)$/;
    const [first, ...lines] = dot.trimEnd().split("\n");
    assert.deepEqual([first, lines.pop()], ["digraph containers {", "}"]);
    for (const line of lines) assert.match(line, statement);
  });
}

test("renderSvg shows hostile text as it is written, the invisible as escapes", () => {
  const parts = readXml(renderSvg(layoutGraph(buildGraph(HOSTILE, HOST))));
  const titles = parts.filter(({ text }) =>
    text.includes("a<&\">'b</text><script>alert(1)</script>]]>&lt;\\n\\u{1b}[2J"),
  );
  assert.ok(titles.length > 5, `${titles.length} texts`);
  for (const { text } of parts) assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]/u);
});

function assertGolden(name: string, text: string): void {
  const path = join(PROJECT_ROOT, "test/unit/engine/graph/golden", name);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
}
