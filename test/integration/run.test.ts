import assert from "node:assert/strict";
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

containerTest("run --keep leaves a stopped container", async (box) => {
  box.setCommands(["exit", "0"]);
  assertSuccess(await box.run(["--keep"]));
  assert.equal((await box.state()).status, "stopped");
  await box.must("delete");
});
