import assert from "node:assert/strict";
import { test } from "node:test";
import { readXml } from "../../helpers/read-xml.ts";

test("readXml gives the elements and texts of a document", () => {
  assert.deepEqual(readXml(`<?xml version="1.0" encoding="UTF-8"?><a b='&#60;' c="d"><e/>f&amp;</a>\n`), [
    { name: "a", attributes: { b: "<", c: "d" }, text: "" },
    { name: "e", attributes: {}, text: "" },
    { name: "", attributes: {}, text: "f&" },
    { name: "", attributes: {}, text: "\n" },
  ]);
});

for (const document of [
  "<a>",
  "<a></b>",
  "<a/></a>",
  "<a/><b/>",
  "<a/>text",
  "<a>&</a>",
  "<a>&nbsp;</a>",
  "<a>&#0;</a>",
  "<a>\u0000</a>",
  "<a>\ufffe</a>",
  "<a>\ud800</a>",
  "<a>]]></a>",
  "<a>b < c</a>",
  "<a b=c/>",
  '<a b="<"/>',
  '<a b="c" b="d"/>',
  '<a b="c"d="e"/>',
]) {
  test(`readXml refuses ${JSON.stringify(document)}`, () => {
    assert.throws(() => readXml(document));
  });
}
