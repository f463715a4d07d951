import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTimeline, timelineText } from "../../../src/tools/timeline.ts";

const TEXT = `phase start the engine 5000
phase validate 7000
phase execute-the-static-program 8000
step 2 mount_fs 9500
step 0 cgroup_mkdir 8100
step 2 mount_fs 9600
step 0 cgroup_mkdir 8300
torn li`;

test("parseTimeline compares each step with the one before of its process", () => {
  const spans = parseTimeline(TEXT, 1000);
  assert.deepEqual(
    spans.map(({ who, name, us }) => [who, name, us]),
    [
      ["engine", "start the engine", 4000],
      ["engine", "validate", 2000],
      ["engine", "execute-the-static-program", 1000],
      ["init", "mount_fs", 1500],
      ["parent", "cgroup_mkdir", 100],
      ["init", "mount_fs", 100],
      ["parent", "cgroup_mkdir", 200],
    ],
  );
});

test("timelineText sums up the steps of one operation", () => {
  const text = timelineText(parseTimeline(TEXT, 1000), 9000);
  assert.match(text, /^ +0\.30 ms {2}parent +cgroup_mkdir × 2$/m);
  assert.match(text, /^ +9\.00 ms {2}total, from the outside$/m);
});
