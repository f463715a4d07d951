import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { containerTest } from "../helpers/container-test.ts";
import { needsExecutable, needsOurs, needsProgram } from "../helpers/needs.ts";
import { readTraces } from "../helpers/strace.ts";
import { assertSuccess } from "../helpers/test-box.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

/** The program, its data and the plan. */
const RESIDENT_KIB = 64;
const PEAK_KIB = 36 * 1024;

/**
 * All system calls of a `run` of the default config, from the launcher to the end of the container's process. The engine's
 * start takes about 230, of which only Bun's next version can change any.
 */
const BUDGET = { base: 800, forEachHierarchy: 45 };

const SETTLE_MS = 5_000 * TIME_SCALE;
const POLL_MS = 10;

/** The proportional set size in KiB. */
function residentOf(pid: number): number {
  return Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
}

describe("a run in the foreground", () => {
  containerTest(
    "keeps little in memory while the container runs",
    async (box) => {
      box.config.root.readonly = false;
      box.setCommands(["write", "/ready", ""], ["sleep", "60000"]);
      const run = box.launchRun();
      await box.fileHas(box.inRootfs("ready"), /^/);
      // The container's process may be ahead of the runtime's, which gives memory back when it begins to wait.
      const deadline = Date.now() + SETTLE_MS;
      let residentKiB = residentOf(run.pid);
      for (; residentKiB > RESIDENT_KIB && Date.now() < deadline; residentKiB = residentOf(run.pid))
        await delay(POLL_MS);
      assert.ok(residentKiB <= RESIDENT_KIB, `${residentKiB} KiB`);
      await box.must("kill", "KILL");
      await run.ended;
    },
    { needs: [needsOurs] },
  );

  containerTest(
    "needs little memory to start one",
    async (box) => {
      box.setCommands(["exit", "0"]);
      box.writeConfig();
      const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
      const { output } = runCommand([`${PROJECT_ROOT}/build/probe/measure`, "1", "0", "wait", "--", ...argv]);
      const { status, peakKiB } = JSON.parse(output) as { status: number; peakKiB: number }; // test/probe/measure.c
      assert.equal(status, 0);
      assert.ok(peakKiB <= PEAK_KIB, `${peakKiB} KiB`);
    },
    { needs: [needsExecutable] },
  );

  containerTest(
    "keeps to its budget of system calls",
    async (box) => {
      box.setCommands(["exit", "0"]);
      box.writeConfig();
      const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
      assertSuccess(await box.program(["strace", "-ff", "-qq", "-e", "signal=none", "-o", box.path("calls"), ...argv]));
      const calls = [...readTraces(box.directory, "calls").values()].flat();
      const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
      const hierarchies = mounts.filter((line) => line.includes(" - cgroup")).length;
      const budget = BUDGET.base + BUDGET.forEachHierarchy * hierarchies;
      assert.ok(
        calls.length <= budget,
        `${calls.length} calls, and ${budget} are allowed for ${hierarchies} hierarchies`,
      );
      // So few that the trace was not read would be no success.
      assert.ok(calls.length > budget / 2, `${calls.length} calls`);
      // What makes a v1 cgroup wait for a grace period of the kernel.
      const slow = calls.filter(({ text }) => /open.*cgroup\.procs/.test(text));
      assert.deepEqual(slow, []);
    },
    { needs: [needsExecutable, needsProgram("strace")] },
  );
});
