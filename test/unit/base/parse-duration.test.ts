import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "../../../src/base/parse-duration.ts";

for (const [text, ms] of [
  ["5s", 5000],
  ["500ms", 500],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["2us", 0.002],
  ["2µs", 0.002],
  ["500000ns", 0.5],
  ["0", 0],
  ["0s", 0],
] as const) {
  test(`parseDuration reads "${text}" as ${ms} ms`, () => assert.equal(parseDuration(text), ms));
}

for (const text of ["", "5", "s", "5 s", "-5s", "5x", "5s!", "1d"]) {
  test(`parseDuration refuses "${text}"`, () => assert.equal(parseDuration(text), undefined));
}
