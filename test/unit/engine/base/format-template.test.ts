import assert from "node:assert/strict";
import { test } from "node:test";
import { formatList, type ListRow, renderTemplate } from "../../../../src/engine/base/format-template.ts";

const VALUE = {
  Id: "abc",
  Names: ["/x", "/y"],
  State: { Running: true, ExitCode: 0 },
  Labels: { a: "b", "c.d": "e" },
  Nothing: null,
};

/** What Go 1.22's text/template with docker's functions makes of the same. */
const CASES: readonly (readonly [template: string, text: string])[] = [
  ["{{.Id}}-{{ .State.ExitCode }}", "abc-0"],
  ["{{json .Labels}}", '{"a":"b","c.d":"e"}'],
  ['{{index .Labels "c.d"}}{{.Labels.a}}', "eb"],
  ["{{range .Names}}<{{.}}>{{end}}", "</x></y>"],
  ["{{range $i, $n := .Names}}{{$i}}{{$n}}{{end}}", "0/x1/y"],
  ["{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a=b;c.d=e;"],
  ["{{if .State.Running}}up{{else}}down{{end}}", "up"],
  ["{{if .State.ExitCode}}bad{{else if eq .Id `abc`}}own{{else}}other{{end}}", "own"],
  ["{{with .Nothing}}x{{else}}none{{end}}", "none"],
  ['{{join .Names ","}} {{len .Names}} {{upper .Id}}', "/x,/y 2 ABC"],
  ['{{.Id | upper | printf "%-5s|"}}', "ABC  |"],
  ["{{and .State.Running (not .Nothing)}}", "true"],
  ["a {{- /* note */ -}} b{{- 1 -}} c", "ab1c"],
  ["{{println .Id}}", "abc\n"],
  ["{{.Names}} {{.Labels}}", "[/x /y] map[a:b c.d:e]"],
  ["{{$x := .Id}}{{$x}}{{$.Id}}", "abcabc"],
  ['{{"}}"}}', "}}"],
  ["{{(index .Names 1)}}", "/y"],
];

for (const [template, text] of CASES) {
  test(`renderTemplate fills in ${template}`, () => assert.equal(renderTemplate(template, VALUE), text));
}

for (const bad of [
  "{{.Nope}}",
  "{{.Id",
  "{{if .Id}}",
  "{{end}}",
  "{{nope .Id}}",
  "{{}}",
  "{{index .Names 7}}",
  "{{.Id .Id}}",
]) {
  test(`renderTemplate refuses ${bad}`, () =>
    assert.throws(() => renderTemplate(bad, VALUE), /template parsing error/));
}

const ROWS = [
  { ID: "1", Names: "a" },
  { ID: "22", Names: "bb" },
];
const LIST = { usual: "{{.ID}}\t{{.Names}}", headers: { ID: "CONTAINER ID" } };

test("formatList makes a table with headers, a line for each, or JSON", () => {
  assert.equal(
    formatList(ROWS, { ...LIST, format: undefined }),
    "CONTAINER ID   NAMES\n1              a\n22             bb\n",
  );
  assert.equal(formatList(ROWS, { ...LIST, format: "{{.Names}}" }), "a\nbb\n");
  assert.equal(
    formatList(ROWS, { ...LIST, format: "table {{.Names}}\\t{{upper .ID}}" }),
    "NAMES     CONTAINER ID\na         1\nbb        22\n",
  );
  assert.equal(formatList(ROWS, { ...LIST, format: "json" }), '{"ID":"1","Names":"a"}\n{"ID":"22","Names":"bb"}\n');
  assert.equal(formatList([], { ...LIST, format: undefined }), "CONTAINER ID   NAMES\n");
});

test("formatList calls a column that is a function, and heads it with its argument", () => {
  const rows: readonly ListRow[] = [{ Name: "web", Label: (name: unknown) => (name === "a" ? "b" : "") }];
  const shape = { usual: "{{.Name}}", headers: {} };
  assert.equal(formatList(rows, { ...shape, format: '{{.Name}} {{.Label "a"}}' }), "web b\n");
  assert.equal(formatList(rows, { ...shape, format: 'table {{.Name}}\t{{.Label "a"}}' }), "NAME      a\nweb       b\n");
  assert.equal(formatList(rows, { ...shape, format: "json" }), '{"Name":"web"}\n');
});
