import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { assertSuccess } from "../helpers/test-box.ts";

containerTest("run connects the standard streams", async (box) => {
  box.setCommands(["cat", "-"], ["print", "to stdout\n"], ["complain", "to stderr\n"]);
  const result = await box.run([], { stdin: "from stdin" });
  assert.deepEqual(result, { status: 0, stdout: '"from stdin"\nto stdout\n', stderr: "to stderr\n" });
});

for (const status of [0, 1, 7, 125, 126, 127, 255]) {
  containerTest(`run exits with the status ${status} of the container's process`, async (box) => {
    box.setCommands(["exit", String(status)]);
    assert.deepEqual(await box.run(), { status, stdout: "", stderr: "" });
  });
}

for (const signal of [6, 9, 15]) {
  containerTest(`run exits with ${128 + signal} when signal ${signal} ends the container's process`, async (box) => {
    // As the first process of a pid namespace it would be spared.
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
    box.setCommands(["raise", String(signal)]);
    assert.equal((await box.run()).status, 128 + signal);
  });
}

containerTest("run leaves nothing behind", async (box) => {
  box.setCommands(["exit", "3"]);
  await box.run();
  await box.assertNoTraces();
  const state = await box.runtime(["state", box.id]);
  assert.notEqual(state.status, 0);
});

containerTest(
  "run --keep leaves a stopped container",
  async (box) => {
    box.setCommands(["exit", "0"]);
    assertSuccess(await box.run(["--keep"]));
    assert.equal((await box.state()).status, "stopped");
    await box.must("delete");
  },
  { peerDeviations: { crun: "does not have it" } },
);

for (const flag of ["--detach", "-d"]) {
  containerTest(`run ${flag} returns once the process runs, and the container goes on`, async (box) => {
    box.setCommands(["print", "up\n"], ["sleep", "60000"]);
    const run = box.launchRun([flag, "--pid-file", box.path("pid")]);
    assertSuccess(await run.ended);
    await run.waitForOutput(/up/);
    const { status, pid } = await box.state();
    assert.deepEqual([status, String(pid)], ["running", readFileSync(box.path("pid"), "utf8")]);
  });
}

containerTest("run in the foreground shows a running container to others, who may end it", async (box) => {
  box.setCommands(["print", "up\n"], ["sleep", "60000"]);
  const run = box.launchRun();
  await run.waitForOutput(/up/);
  assert.equal((await box.state()).status, "running");
  await box.must("kill", "KILL");
  assert.equal((await run.ended).status, 137);
});

containerTest(
  "delete --force ends a container that runs in the foreground",
  async (box) => {
    box.setCommands(["print", "up\n"], ["sleep", "60000"]);
    const run = box.launchRun();
    await run.waitForOutput(/up/);
    await box.must("delete", "--force");
    assert.equal((await run.ended).status, 137);
  },
  { peerDeviations: { crun: "races with the end of run" } },
);

for (const [signal, number] of [
  ["SIGTERM", 15],
  ["SIGINT", 2],
  ["SIGHUP", 1],
  ["SIGQUIT", 3],
  ["SIGUSR1", 10],
  ["SIGWINCH", 28],
  ["SIGCONT", 18],
] as const) {
  containerTest(
    `run hands ${signal} on to the container's process`,
    async (box) => {
      box.setCommands(["signals", "99"]);
      const run = box.launchRun();
      await run.waitForOutput(/ready/);
      run.kill(signal);
      await run.waitForOutput(new RegExp(`"signal":${number},`));
    },
    signal === "SIGWINCH" ? { peerDeviations: { runc: "only with a terminal" } } : {},
  );
}

containerTest("run keeps the signal of its own children's ends to itself", async (box) => {
  box.setCommands(["signals", "99"]);
  const run = box.launchRun();
  await run.waitForOutput(/ready/);
  run.kill("SIGCHLD");
  run.kill("SIGTERM");
  await run.waitForOutput(/"signal":15,/);
  assert.doesNotMatch(run.stdout, /"signal":17,/);
});

containerTest("run refuses an id that is taken", async (box) => {
  await box.created();
  const second = await box.run();
  assert.notEqual(second.status, 0);
  assert.match(second.stderr, /already exists/);
  assert.equal((await box.state()).status, "created");
});

containerTest("run refuses --detach with a terminal and no console socket", async (box) => {
  box.config.process.terminal = true;
  const result = await box.run(["--detach"]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /console/);
  await box.assertNoTraces();
});

containerTest("run with --no-pivot and --no-new-keyring works", async (box) => {
  box.setCommands(["cwd"]);
  const result = await box.run(["--no-pivot", "--no-new-keyring"]);
  assert.deepEqual(box.reports(result.stdout, ["cwd"]), ["/"]);
});

containerTest("run ends with the first process, whatever else is left in its pid namespace", async (box) => {
  const [child] = await box.look(["spawn"]);
  assert.ok(child > 1);
  await box.assertNoProcesses();
});

containerTest("run leaves orphans of the container to the container", async (box) => {
  box.setCommands(["spawn"], ["cat", "/proc/self/status"]);
  const result = await box.run();
  assertSuccess(result);
});

containerTest("many runs at once do not disturb one another", async (box) => {
  box.setCommands(["sleep", "50"], ["cwd"]);
  box.writeConfig();
  const ids = Array.from({ length: 8 }, (_, index) => box.otherId(String(index)));
  const results = await Promise.all(ids.map((id) => box.runtime(["run", "--bundle", box.bundle, id])));
  for (const result of results) assert.deepEqual(result, { status: 0, stdout: '"/"\n', stderr: "" });
});
