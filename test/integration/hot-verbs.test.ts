import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";
import { needsExecutable, needsProgram } from "../helpers/needs.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";
import { readTraces, straceArgv } from "../helpers/strace.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const NEEDS = { needs: [needsExecutable] };
const NEEDS_STRACE = { needs: [needsExecutable, needsProgram("strace")] };

const LAUNCHER_ALONE = 1;
const WITH_ENGINE = 2;

describe("a hot verb", () => {
  containerTest(
    "needs no engine in a usual life",
    async (box) => {
      box.setCommands(["sleep", "60000"]);
      await box.created();
      for (const words of [["state"], ["start"], ["state"], ["kill", "SIGKILL"]]) await assertPrograms(box, words);
      await box.waitForStatus("stopped");
      for (const words of [["state"], ["delete", "--force"]]) await assertPrograms(box, words);
      await box.assertNoTraces();
      assert.equal(existsSync(join(box.stateRoot, box.id)), false);
    },
    NEEDS_STRACE,
  );

  containerTest(
    "reads signals as the engine does",
    async (box) => {
      // The first process of a pid namespace ignores what it does not handle.
      await box.started(["sleep", "60000"]);
      for (const signal of ["usr1", "SIGUSR2", "sigHup", "12", "012"]) {
        await assertPrograms(box, ["kill", signal], signal === "012" ? WITH_ENGINE : LAUNCHER_ALONE);
      }
      await assertPrograms(box, ["kill", "RTMIN+2"], WITH_ENGINE);
      // A question, and no signal.
      await assertPrograms(box, ["kill", "0"], WITH_ENGINE);
      for (const wrong of ["65", "9x", "SIG", "NOSIGNAL", ""]) {
        const { status, stderr } = await box.runtime(["kill", box.id, wrong]);
        assert.deepEqual(
          { status, isUnknown: stderr.includes("unknown signal") },
          { status: 1, isUnknown: true },
          wrong,
        );
      }
      assert.equal((await box.state()).status, "running");
    },
    NEEDS_STRACE,
  );

  containerTest(
    "prints what the engine prints",
    async (box) => {
      box.config.annotations = { b: 'quotes " and \\ and ü', "1": "", a: "line\nline" };
      box.setCommands(["sleep", "60000"]);
      await box.created();
      await assertSameState(box, "created");
      await box.must("start");
      await assertSameState(box, "running");
      await box.must("pause");
      await assertSameState(box, "paused");
      await box.must("resume");
      await box.must("kill", "9");
      await box.waitForStatus("stopped");
      await assertSameState(box, "stopped");
    },
    NEEDS,
  );

  containerTest(
    "lists containers as the engine does",
    async (box) => {
      assert.equal(await programsOfList(box), LAUNCHER_ALONE);
      box.setCommands(["sleep", "60000"]);
      const ids = ["c", "a", "a-longer-name", "paused"].map((suffix) => box.otherId(suffix));
      box.writeConfig();
      for (const id of ids) assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
      assertSuccess(await box.runtime(["start", ids[0] ?? ""]));
      assertSuccess(await box.runtime(["kill", ids[1] ?? "", "KILL"]));
      assertSuccess(await box.runtime(["pause", ids[3] ?? ""]));
      for (const flags of [[], ["--format", "table"], ["-f", "table"]]) {
        assert.equal(await programsOfList(box, ...flags), LAUNCHER_ALONE);
      }
      for (const flags of [["--quiet"], ["--format", "json"], ["surplus"]]) {
        assert.equal(await programsOfList(box, ...flags), WITH_ENGINE);
      }
      mkdirSync(join(box.stateRoot, box.otherId("broken")));
      assert.equal(await programsOfList(box), WITH_ENGINE);
    },
    NEEDS_STRACE,
  );

  containerTest(
    "leaves to the engine a state that it does not know all of",
    async (box) => {
      box.setCommands(["sleep", "60000"]);
      await box.created();
      const file = join(box.stateRoot, box.id, "state.json");
      writeFileSync(file, readFileSync(file, "utf8").replace("{", '{"unit":"x.scope",'));
      await assertPrograms(box, ["state"], WITH_ENGINE);
      await assertPrograms(box, ["start"], WITH_ENGINE);
      await assertPrograms(box, ["kill", "KILL"], WITH_ENGINE);
      await box.waitForStatus("stopped");
      await assertPrograms(box, ["delete"], WITH_ENGINE);
    },
    NEEDS_STRACE,
  );

  containerTest(
    "leaves to the engine a directory with files of others",
    async (box) => {
      await box.started(["exit", "0"]);
      await box.waitForStatus("stopped");
      writeFileSync(join(box.stateRoot, box.id, ".state.json.1"), "");
      await assertPrograms(box, ["delete"], WITH_ENGINE);
      assert.equal(existsSync(join(box.stateRoot, box.id)), false);
    },
    NEEDS_STRACE,
  );

  containerTest(
    "tells in the engine's words what start could not do",
    async (box) => {
      box.config.hooks = { startContainer: [{ path: "/missing" }] };
      await box.created();
      const { status, stderr } = await box.runtime(["start", box.id]);
      assert.equal(status, 1);
      assert.match(stderr, /\/hooks\/startContainer\/0/);
      // After a hook that fails the container's life is at its end.
      await box.assertNoTraces();
    },
    NEEDS,
  );
});

let traces = 0;

/** Runs a verb on the box's container and counts the programs that execute one after the other. */
async function assertPrograms(box: TestBox, words: readonly string[], expected = LAUNCHER_ALONE): Promise<void> {
  const [verb = "", ...rest] = words;
  const prefix = `trace-${traces++}`;
  const argv = box.argv([verb, ...rest.filter(isFlag), box.id, ...rest.filter((word) => !isFlag(word))]);
  assertSuccess(await box.program(straceArgv(box.path(prefix), ["execve"], argv)));
  const calls = [...readTraces(box.directory, prefix).values()].flat();
  assert.equal(calls.filter(({ result }) => result === 0).length, expected, words.join(" "));
}

/** As many programs as `list` takes; what it prints must be what the engine prints. */
async function programsOfList(box: TestBox, ...flags: readonly string[]): Promise<number> {
  const prefix = `trace-${traces++}`;
  const args = ["--root", box.stateRoot, "list", ...flags];
  const engine = await box.program([`${RUNTIME.path}-engine`, ...args]);
  const launcher = await box.program(straceArgv(box.path(prefix), ["execve"], [RUNTIME.path, ...args]));
  assert.deepEqual(launcher, engine);
  return [...readTraces(box.directory, prefix).values()].flat().filter(({ result }) => result === 0).length;
}

function isFlag(word: string): boolean {
  return word.startsWith("-");
}

async function assertSameState(box: TestBox, status: string): Promise<void> {
  const args = ["--root", box.stateRoot, "state", box.id];
  const launcher = await box.program([RUNTIME.path, ...args]);
  const engine = await box.program([`${RUNTIME.path}-engine`, ...args]);
  assertSuccess(engine);
  assert.equal(JSON.parse(engine.stdout).status, status);
  assert.equal(launcher.stdout, engine.stdout);
}
