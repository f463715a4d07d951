import assert from "node:assert/strict";
import { test } from "node:test";
import { pictureText, shortened, textColumns } from "../../../../src/engine/graph/picture-text.ts";

test("pictureText makes visible what is no visible character, and leaves all others", () => {
  assert.equal(pictureText("naïve 宽 😀 → \\"), "naïve 宽 😀 → \\");
  assert.equal(pictureText("\u0000\n\u001b\u0085"), "\\u{0}\\u{a}\\u{1b}\\u{85}");
  assert.equal(pictureText("\u202e\u2066\u200b\u2028\ufeff"), "\\u{202e}\\u{2066}\\u{200b}\\u{2028}\\u{feff}");
  assert.equal(pictureText("\ud800x\uffff\ufffe"), "\\u{d800}x\\u{ffff}\\u{fffe}");
});

for (const [text, most, short] of [
  ["abcdef", 6, "abcdef"],
  ["abcdefg", 6, "abc…fg"],
  ["宽宽宽宽", 6, "宽…宽"],
  ["😀b😀d😀f", 6, "😀b…f"],
] as const) {
  test(`shortened makes "${short}" of "${text}"`, () => {
    assert.equal(shortened(text, most), short);
    assert.ok(textColumns(short) <= most);
  });
}
