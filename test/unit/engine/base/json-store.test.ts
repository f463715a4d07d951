import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  isRecord,
  type JsonFormat,
  listJson,
  readJson,
  readJsons,
  writeJson,
} from "../../../../src/engine/base/json-store.ts";

const directory = mkdtempSync(join(tmpdir(), "json-store-"));
after(() => rmSync(directory, { recursive: true }));

const FORMAT: JsonFormat<{ readonly n: number }> = {
  name: "number file",
  version: 2,
  check: (value) => (isRecord(value) && typeof value.n === "number" ? { n: value.n } : undefined),
};

test("writeJson and readJson keep a value, and a missing file is undefined", () => {
  writeJson(`${directory}/a.json`, { n: 1 }, FORMAT, true);
  assert.deepEqual(readJson(`${directory}/a.json`, FORMAT), { n: 1 });
  assert.equal(readJson(`${directory}/none.json`, FORMAT), undefined);
});

test("readJson tells what is wrong with a file", () => {
  writeFileSync(`${directory}/cut.json`, '{"version":2,"n"');
  writeFileSync(`${directory}/new.json`, '{"version":3,"n":1}');
  assert.throws(() => readJson(`${directory}/cut.json`, FORMAT), /Cannot read the number file ".*cut\.json"/);
  assert.throws(() => readJson(`${directory}/new.json`, FORMAT), /its version is 3, and this program knows 2/);
});

test("readJsons gives each file's value, what is wrong with it, or undefined for a missing one", () => {
  const names = ["a", "none", "cut"];
  const [value, missing, bad] = readJsons(
    names.map((name) => `${directory}/${name}.json`),
    FORMAT,
  );
  assert.deepEqual([value, missing], [{ n: 1 }, undefined]);
  assert.match(String(bad), /Cannot read the number file ".*cut\.json"/);
});

test("listJson tells bad files and lists the others", () => {
  const { values, bad } = listJson(directory, ".json", FORMAT);
  assert.deepEqual(values, [{ name: "a", value: { n: 1 } }]);
  assert.deepEqual(
    bad.map(({ name }) => name),
    ["cut", "new"],
  );
  assert.deepEqual(listJson(`${directory}/none`, ".json", FORMAT), { values: [], bad: [] });
});
