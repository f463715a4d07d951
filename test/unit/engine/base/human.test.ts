import assert from "node:assert/strict";
import { test } from "node:test";
import { humanBinarySize, humanSize } from "../../../../src/engine/base/human-size.ts";
import { humanAgo, humanDuration, humanTime } from "../../../../src/engine/base/human-time.ts";
import { progressLine, showProgress } from "../../../../src/engine/base/progress.ts";

test("humanSize shows three digits in units of 1000", () => {
  const shown = [0, 999, 1000, 1234, 10_500, 1_982_354, 123_456_789, 2e9].map(humanSize);
  assert.deepEqual(shown, ["0B", "999B", "1kB", "1.23kB", "10.5kB", "1.98MB", "123MB", "2GB"]);
  assert.deepEqual([512, 1024, 1536, 8_321_499_136].map(humanBinarySize), ["512B", "1KiB", "1.5KiB", "7.75GiB"]);
});

test("humanDuration speaks docker's words", () => {
  const s = 1000;
  const h = 3600 * s;
  const shown = [0, s, 59 * s, 61 * s, 3 * 60 * s, h, 1.6 * h, 47 * h, 49 * h, 15 * 24 * h, 90 * 24 * h, 800 * 24 * h];
  assert.deepEqual(shown.map(humanDuration), [
    "Less than a second",
    "1 second",
    "59 seconds",
    "About a minute",
    "3 minutes",
    "About an hour",
    "2 hours",
    "47 hours",
    "2 days",
    "2 weeks",
    "3 months",
    "2 years",
  ]);
  assert.equal(humanAgo(undefined, 0), "N/A");
});

test("showProgress shows a bar after a second, and takes it away", () => {
  let time = 0;
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  const progress = showProgress({ label: "Loading", totalBytes: 100, write, now: () => time });
  progress.add(10);
  assert.equal(text, "");
  time = 2000;
  progress.add(40);
  assert.match(text, /Loading \[=+> +\] 50B\/100B 25B\/s$/);
  progress.end();
  assert.ok(text.endsWith("\r\x1b[K"));
  assert.equal(progressLine("x", 5, undefined, 1000), "x 5B 5B/s");
});

test("humanTime is docker's column CREATED AT", () => {
  assert.deepEqual(
    [humanTime("2026-11-29T01:07:26.027Z"), humanTime(undefined)],
    ["2026-11-29 01:07:26 +0000 UTC", "N/A"],
  );
});
