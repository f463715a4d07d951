import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { debugLines } from "../../../src/plan/debug-lines.ts";
import { build } from "./plan-of.ts";

describe("debugLines", () => {
  const { plan } = build({ mounts: [{ destination: "/proc", type: "proc" }] });
  const lines = debugLines(plan);

  it("has a line for each step, in one space", () => {
    assert.equal(lines.filter((line) => /^\d+ (parent|init) /.test(line)).length, plan.steps.length);
    assert.ok(lines.some((line) => /^\d+ init mount\.fs proc → \/proc ← \/mounts\/0$/.test(line)));
  });

  it("heads what is done outside, what the init does, and the end, with the words of runc's log", () => {
    const headings = lines.filter((line) => !/^\d/.test(line)).map((line) => line.replace(/: .*/, ""));
    assert.deepEqual(headings, ["nsexec container setup", "child process in init()", "init"]);
    const init = lines.findIndex((line) => line.startsWith("child process in init()"));
    assert.match(lines[init + 1] ?? "", /^\d+ init /);
    const end = lines.findIndex((line) => line.startsWith("init: closing the pipe to signal completion"));
    assert.match(lines[end + 1] ?? "", / init exec /);
  });

  it("says the processors of a step as a number", () => {
    const affinity = { at: "parent", op: { op: "sched.affinity", cpus: "0201" }, from: { flag: "x" } } as const;
    const text = debugLines({ verb: "exec", id: "x", steps: [affinity] }).join("\n");
    assert.match(text, /^nsexec parent: affinity: 0x102$/m);
  });
});
