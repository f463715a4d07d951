import assert from "node:assert/strict";
import { test } from "node:test";
import { printTrace, readTrace } from "../../../src/plan/step-times.ts";

const row = (step: number, at: string, op: string) => ({ step, at, op, show: "", from: "/mounts" });
const ROWS = [row(1, "parent", "clone"), row(2, "init", "mount.fs"), row(3, "init", "exec")];
const HEADER = `plan ${JSON.stringify({ verb: "run", id: "one", rows: ROWS })}\n`;

test("readTrace has the steps that were carried out, in that order, of the last plan only", () => {
  const text = `${HEADER}begin 1000\nstep 1 1100\n${HEADER}begin 2000\nstep 1 2100\nstep 2 2150\nstep 9 2160\nstep 3 21`;
  assert.deepEqual(
    readTrace(text).map(({ step, at, op, endUs, us }) => [step, at, op, endUs, us]),
    [
      [1, "parent", "clone", 100, 100],
      [2, "init", "mount.fs", 150, 50],
    ],
  );
});

test("readTrace has nothing of what is no trace", () => {
  for (const text of ["", "hello\n", "plan {\nstep 1 2\n"]) assert.deepEqual(readTrace(text), []);
});

test("printTrace writes a line a step, or events that begin where the step does", () => {
  const times = readTrace(`${HEADER}begin 1000\nstep 1 1100\nstep 2 1150\n`);
  assert.match(printTrace(times, "text"), /^ +0\.100 ms +0\.100 ms +1 parent +clone .*← \/mounts\n.*2 init +mount\.fs/);
  const [, event] = JSON.parse(printTrace(times, "chrome"));
  assert.deepEqual([event.name, event.ph, event.ts, event.dur, event.tid], ["mount.fs", "X", 100, 50, "init"]);
});
