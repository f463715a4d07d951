import assert from "node:assert/strict";
import { test } from "node:test";
import { remembering } from "../../../src/base/remember.ts";

function counted(): { readonly calls: string[]; readonly lengthOf: (text: string) => { readonly length: number } } {
  const calls: string[] = [];
  const lengthOf = remembering((text) => {
    calls.push(text);
    if (text === "") throw new TypeError("nothing");
    return { length: text.length };
  });
  return { calls, lengthOf };
}

test("remembering computes once for a text, and anew for another one", () => {
  const { calls, lengthOf } = counted();
  assert.equal(lengthOf("one"), lengthOf(["o", "ne"].join("")));
  assert.deepEqual(lengthOf("three"), { length: 5 });
  assert.deepEqual(calls, ["one", "three"]);
});

test("remembering forgets the oldest of many texts", () => {
  const { calls, lengthOf } = counted();
  const texts = Array.from({ length: 17 }, (_, index) => `text ${index}`);
  texts.forEach(lengthOf);
  lengthOf("text 16");
  lengthOf("text 1");
  assert.equal(calls.length, 17);
  lengthOf("text 0");
  assert.equal(calls.length, 18);
});

test("remembering keeps neither what is thrown nor what is long", () => {
  const { calls, lengthOf } = counted();
  const long = "x".repeat(200_000);
  for (let time = 0; time < 2; time++) {
    assert.throws(() => lengthOf(""), TypeError);
    lengthOf(long);
  }
  assert.equal(calls.length, 4);
});
