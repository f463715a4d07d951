import assert from "node:assert/strict";
import { after, test } from "node:test";
import { damagedCopies, SanitizedCorpus } from "../helpers/sanitized-corpus.ts";

const corpus = new SanitizedCorpus(["test/native/json-corpus.c", "native/json.c"]);
after(() => corpus.close());
const { skip } = corpus;

const VALID = JSON.stringify({
  pid: 123,
  startTime: 9007199254740991,
  text: 'quotes " and \\ and ü',
  inner: { a: [1, -2.5e3, true, null, { b: "]" }], c: {} },
});

test("json reads objects as JSON.stringify writes them", { skip }, () => {
  const texts = ["{}", VALID, JSON.stringify(JSON.parse(VALID), null, 2), ` ${VALID}\n`];
  assert.equal(read(texts), "yyyy");
});

test("json refuses every proper prefix of an object", { skip }, () => {
  const prefixes = Array.from({ length: VALID.length }, (_, length) => VALID.slice(0, length));
  assert.equal(read(prefixes), "n".repeat(VALID.length));
});

test("json refuses what is no object, or not one object alone", { skip }, () => {
  const texts = ["[]", '"a"', "1", "{}{}", "{},", '{"a":1,}', '{"a" 1}', '{"a":}', "{a:1}", '{"a":1 "b":2}', '{"a":1]'];
  assert.equal(read(texts), "n".repeat(texts.length));
});

test("json finds what ends or spoils a string at every place in it", { skip }, () => {
  const places = Array.from({ length: 24 }, (_, length) => "ü-~".repeat(8).slice(0, length));
  const withEnd = places.flatMap((before) => [`{"a":"${before}","pid":1}`, `{"${before}":"${before}\\"}"}`]);
  assert.equal(read(withEnd), "y".repeat(withEnd.length));
  const spoilt = places.flatMap((before) =>
    ["\u0000", "\n", "\u001f"].map((byte) => `{"a":"${before}${byte}12345678"}`),
  );
  assert.equal(read(spoilt), "n".repeat(spoilt.length));
});

test("json never reads beyond its end, whatever bytes are damaged", { skip }, () => {
  const seed = 20_261_128;
  assert.match(corpus.run(damagedCopies(Buffer.from(VALID), 20_000, seed)), /^[yn]{20000}$/, `seed ${seed}`);
});

function read(texts: readonly string[]): string {
  return corpus.run(texts.map((text) => Buffer.from(text)));
}
