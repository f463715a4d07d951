import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { containerTest } from "../helpers/container-test.ts";
import { succeeded } from "../helpers/probe.ts";
import type { RunningProgram } from "../helpers/run-program.ts";
import type { TestBox } from "../helpers/test-box.ts";

containerTest("pause stops every process until resume lets it go on", async (box) => {
  const output = await ticking(box);
  await box.must("pause");
  assert.equal((await box.state()).status, "paused");
  const before = output.stdout;
  await delay(200);
  assert.equal(output.stdout, before);
  await box.must("resume");
  assert.equal((await box.state()).status, "running");
  await output.waitForOutput(new RegExp(`^(tick\n){${before.length / "tick\n".length + 3}}`));
});

containerTest(
  "pause refuses a container that is paused, and resume one that is not",
  async (box) => {
    await ticking(box);
    await refuses(box, "resume", /container not paused/);
    await box.must("pause");
    await refuses(box, "pause", /container (not running|already paused)/);
    assert.equal((await box.state()).status, "paused");
  },
  { peerDeviations: { crun: "1.8.1 words it otherwise" } },
);

containerTest(
  "pause works on a created container",
  async (box) => {
    box.setCommands(["sleep", "60000"]);
    await box.created();
    await box.must("pause");
    assert.equal((await box.state()).status, "paused");
    await box.must("resume");
    assert.equal((await box.state()).status, "created");
  },
  { peerDeviations: { crun: "1.8.1 says created all the time" } },
);

containerTest(
  "pause and resume refuse a container that has stopped, and one that does not exist",
  async (box) => {
    for (const verb of ["pause", "resume"]) await refuses(box, verb, /./);
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    for (const verb of ["pause", "resume"]) await refuses(box, verb, /container not (running|paused)/);
  },
  { peerDeviations: { crun: "1.8.1 words it otherwise" } },
);

containerTest(
  "exec refuses a paused container, and says how to run there all the same",
  async (box) => {
    await ticking(box);
    await box.must("pause");
    const result = await box.runtime(["exec", box.id, "/probe", "ids"]);
    assert.equal(result.status, 255);
    assert.match(result.stderr, /cannot exec in a paused container \(use --ignore-paused to override\)/);
  },
  { peerDeviations: { crun: "has no such flag" } },
);

containerTest(
  "exec --ignore-paused runs once the container is resumed",
  async (box) => {
    await ticking(box);
    await box.must("pause");
    const program = box.launch(["exec", "--ignore-paused", box.id, "/probe", "cat", "/proc/self/cgroup"]);
    await delay(200);
    assert.equal(program.stdout, "");
    await box.must("resume");
    const { status, stdout } = await program.ended;
    assert.equal(status, 0);
    const [groups] = box.reports(stdout, ["cat", "/proc/self/cgroup"]);
    assert.ok(succeeded(groups).includes(box.id));
  },
  { peerDeviations: { crun: "has no such flag" } },
);

containerTest("kill reaches a paused container, which ends when it is resumed or at once", async (box) => {
  await ticking(box);
  await box.must("pause");
  await box.must("kill", "KILL");
  const state = await box.state();
  if (state.status === "paused") await box.must("resume");
  await box.waitForStatus("stopped");
});

containerTest("delete --force ends a paused container", async (box) => {
  await ticking(box);
  await box.must("pause");
  await box.must("delete", "--force");
  await box.assertNoTraces();
});

/** A container that says every few milliseconds that it is alive. */
async function ticking(box: TestBox): Promise<RunningProgram> {
  const output = await box.started(
    ...Array.from({ length: 200 }, () => [
      ["print", "tick\n"],
      ["sleep", "20"],
    ]).flat(),
  );
  await output.waitForOutput(/tick/);
  return output;
}

async function refuses(box: TestBox, verb: string, reason: RegExp): Promise<void> {
  const result = await box.runtime([verb, box.id]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, reason);
}
