import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type BuildStep, runBuildStep } from "../../../src/tools/build-step.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

describe("runBuildStep", () => {
  let directory = "";
  let step: BuildStep;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mydocker-build-step-"));
    const [input, output] = ["input", "output"].map((name) => relative(PROJECT_ROOT, join(directory, name)));
    assert.ok(input !== undefined && output !== undefined);
    writeFileSync(join(directory, "input"), "one");
    step = { name: `test ${process.pid}`, inputs: [input], outputs: [output], commands: [["cp", input, output]] };
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
    rmSync(join(PROJECT_ROOT, "build/.stamps", step.name.replaceAll(" ", "-")), { force: true });
  });

  it("does the step once while nothing differs", () => {
    assert.equal(runBuildStep(step).wasFresh, false);
    assert.equal(runBuildStep(step).wasFresh, true);
  });

  it("does the step again when an input differs", () => {
    runBuildStep(step);
    writeFileSync(join(directory, "input"), "two");
    assert.equal(runBuildStep(step).wasFresh, false);
    assert.equal(readFileSync(join(directory, "output"), "utf8"), "two");
  });

  it("does the step again when an input was edited while it was done", () => {
    const edited = { ...step, commands: [...step.commands, ["cp", "package.json", step.inputs[0] ?? ""]] };
    runBuildStep(edited);
    assert.equal(runBuildStep(edited).wasFresh, false);
    assert.equal(
      readFileSync(join(directory, "output"), "utf8"),
      readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"),
    );
  });

  it("does the step again when an output is gone or was changed by hand", () => {
    runBuildStep(step);
    writeFileSync(join(directory, "output"), "by hand");
    assert.equal(runBuildStep(step).wasFresh, false);
    rmSync(join(directory, "output"));
    assert.equal(runBuildStep(step).wasFresh, false);
  });

  it("stops at a command that fails, tells its output, and tries again the next time", () => {
    const broken = { ...step, commands: [["sh", "-c", "echo reason; exit 3"], ...step.commands] };
    for (const _ of [1, 2]) {
      assert.deepEqual(runBuildStep(broken), { wasFresh: false, succeeded: false, output: "reason\n" });
    }
  });

  it("tells that a program is not there", () => {
    const { succeeded, output } = runBuildStep({ ...step, commands: [["/no/such/program"]] });
    assert.equal(succeeded, false);
    assert.match(output, /\/no\/such\/program/);
  });
});
