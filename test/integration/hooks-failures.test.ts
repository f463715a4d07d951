import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { failingHook, linesOf, logHook } from "../helpers/hooks.ts";
import { PROBE, probeArgs } from "../helpers/probe.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";

for (const kind of ["prestart", "createRuntime", "createContainer"] as const) {
  containerTest(`a failing ${kind} hook fails create and leaves nothing`, async (box) => {
    box.config.hooks = { [kind]: [failingHook(kind, 3)] };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /hook/);
    assert.notEqual((await box.runtime(["state", box.id])).status, 0);
    await box.assertNoTraces();
  });
}

containerTest(
  "a failing startContainer hook fails start, and the process does not run",
  async (box) => {
    box.config.root.readonly = false;
    box.config.hooks = { startContainer: [failingHook("startContainer", 3)] };
    box.setCommands(["write", "/ran", "yes"]);
    await box.created();
    const result = await box.runtime(["start", box.id]);
    assert.notEqual(result.status, 0);
    await box.runtime(["delete", "--force", box.id]);
    assert.ok(!existsSync(box.inRootfs("ran")));
  },
  { peerDeviations: { runc: "1.1.5's start does not wait for them", crun: "1.8.1's start does not wait for them" } },
);

containerTest(
  "a failing poststart hook fails start and ends the container",
  async (box) => {
    box.config.hooks = { poststart: [failingHook("poststart", 3)] };
    box.setCommands(["sleep", "60000"]);
    await box.created();
    const result = await box.runtime(["start", box.id]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /hook/);
    await box.assertNoProcesses();
  },
  { peerDeviations: { runc: "1.1.5 warns", crun: "1.8.1 warns" } },
);

containerTest(
  "a failing poststop hook is a warning, and the others run all the same",
  async (box) => {
    const log = box.path("log");
    box.config.hooks = { poststop: [failingHook("poststop", 3), logHook("poststop", log, "second\n")] };
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    await box.must("delete");
    assert.deepEqual(linesOf(log), ["second"]);
  },
  { peerDeviations: { runc: "1.1.5 stops at the first", crun: "1.8.1 stops at the first" } },
);

containerTest("run gives the container's status when a poststop hook fails, and warns", async (box) => {
  const log = box.path("log");
  box.config.hooks = { poststop: [failingHook("poststop", 3), logHook("poststop", log, "second\n")] };
  box.setCommands(["exit", "7"]);
  const result = await box.run();
  assert.equal(result.status, 7, result.stderr);
  assert.match(result.stderr, /poststop/);
  if (RUNTIME.name === "ours") assert.deepEqual(linesOf(log), ["second"]);
  await box.assertNoTraces();
});

containerTest(
  "the text of a failing hook names it, its status and what it said",
  async (box) => {
    box.config.hooks = {
      createRuntime: [{ path: PROBE, args: ["probe", ...probeArgs(["complain", "my reason\n"], ["exit", "9"])] }],
    };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    for (const part of [/hook/, /\b9\b/, /my reason/]) assert.match(result.stderr, part);
  },
  { peerDeviations: { crun: "does not tell what it said" } },
);

for (const kind of ["createRuntime", "createContainer"] as const) {
  containerTest(
    `a ${kind} hook that takes longer than its timeout is ended, and create fails`,
    async (box) => {
      box.config.hooks = { [kind]: [{ path: PROBE, args: ["probe", "sleep", "60000"], timeout: 1 }] };
      const started = Date.now();
      const result = await box.create([], { timeoutMs: 20_000 });
      assert.notEqual(result.status, 0);
      assert.ok(Date.now() - started < 10_000);
      assert.match(result.stderr, /tim/i);
      await box.assertNoTraces();
    },
    kind === "createContainer" ? { peerDeviations: { crun: "the text gets lost" } } : {},
  );
}

containerTest("a hook within its timeout is not disturbed", async (box) => {
  const log = box.path("log");
  const args = ["probe", "-o", log, ...probeArgs(["sleep", "300"], ["args", "done"])];
  box.config.hooks = { createRuntime: [{ path: PROBE, args, timeout: 10 }] };
  await box.created();
  assert.equal(readFileSync(log, "utf8"), '["done"]\n');
});

containerTest(
  "a timeout that is not positive is refused",
  async (box) => {
    box.config.hooks = { createRuntime: [{ path: PROBE, timeout: 0 }] };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /timeout/);
  },
  { peerDeviations: { runc: "takes it for an expired one or none", crun: "takes it for none" } },
);

containerTest(
  "a hook's path must be absolute",
  async (box) => {
    box.config.hooks = { createRuntime: [{ path: "true" }] };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /path|true/);
    await box.assertNoTraces();
  },
  { peerDeviations: { crun: "takes a relative one" } },
);

containerTest("a hook that is not there fails create by its name", async (box) => {
  box.config.hooks = { createRuntime: [{ path: box.path("nowhere") }] };
  const result = await box.create();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nowhere|hook/);
  await box.assertNoTraces();
});
