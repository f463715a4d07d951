import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTimeline, timelineText } from "../../../src/tools/timeline.ts";

const row = (at: string, op: string) => ({ at, op, show: "", from: "" });
const ROWS = [
  row("parent", "cgroup.mkdir"),
  row("init", "mount.fs"),
  row("parent", "cgroup.mkdir"),
  row("init", "mount.fs"),
];
const TEXT = `plan ${JSON.stringify({ verb: "run", id: "one", rows: ROWS })}
phase start the engine 5000
phase validate 7000
begin 8000
step 2 9500
step 1 8100
step 4 9600
step 3 8300
torn li`;

test("parseTimeline has the engine's phases, and each step compared with the one before of its process", () => {
  const spans = parseTimeline(TEXT, 1000);
  assert.deepEqual(
    spans.map(({ who, name, us }) => [who, name, us]),
    [
      ["engine", "start the engine", 4000],
      ["engine", "validate", 2000],
      ["engine", "execute the static program", 1000],
      ["init", "mount.fs", 1500],
      ["parent", "cgroup.mkdir", 100],
      ["init", "mount.fs", 100],
      ["parent", "cgroup.mkdir", 200],
    ],
  );
});

test("timelineText sums up the steps of one operation", () => {
  const text = timelineText(parseTimeline(TEXT, 1000), 9000);
  assert.match(text, /^ +0\.30 ms {2}parent +cgroup\.mkdir × 2$/m);
  assert.match(text, /^ +9\.00 ms {2}total, from the outside$/m);
});
