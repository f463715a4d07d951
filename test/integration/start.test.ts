import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { assertSuccess } from "../helpers/test-box.ts";

containerTest("start runs the process of a created container", async (box) => {
  box.config.root.readonly = false;
  box.setCommands(["write", "/ran", "yes"], ["await", "/go"]);
  await box.created();
  const { pid } = await box.state();
  const { stdout, stderr } = await box.must("start");
  assert.deepEqual({ stdout, stderr }, { stdout: "", stderr: "" });
  const state = await box.state();
  assert.deepEqual({ status: state.status, pid: state.pid }, { status: "running", pid });
});

containerTest(
  "start refuses a container that runs already",
  async (box) => {
    await box.started(["sleep", "60000"]);
    const second = await box.runtime(["start", box.id]);
    assert.notEqual(second.status, 0);
    assert.match(second.stderr, /cannot start|already running|not in created|not created|created/i);
    assert.equal((await box.state()).status, "running");
  },
  { peerDeviations: { crun: "shows the failed open of its fifo" } },
);

containerTest(
  "start refuses a container that has stopped",
  async (box) => {
    await box.created();
    await box.must("start");
    await box.waitForStatus("stopped");
    const second = await box.runtime(["start", box.id]);
    assert.notEqual(second.status, 0);
    assert.match(second.stderr, /stopped|not in created/);
  },
  { peerDeviations: { crun: "fails with a broken socket's text" } },
);

containerTest(
  "start refuses a container that does not exist",
  async (box) => {
    const result = await box.runtime(["start", box.id]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /does not exist/);
  },
  { peerDeviations: { crun: "1.8.1 shows the failed open of its status file" } },
);

containerTest(
  "start refuses a container without a process, which create allows",
  async (box) => {
    const { process: _, ...config } = box.config;
    Object.assign(box.config, { process: undefined });
    assert.ok(config.root);
    await box.created();
    const result = await box.runtime(["start", box.id]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /process/);
    assertSuccess(await box.runtime(["delete", "--force", box.id]));
  },
  { peerDeviations: { runc: "create wants process", crun: "create crashes" } },
);

containerTest("start lets several containers of one bundle run at once", async (box) => {
  box.config.root.readonly = false;
  box.setCommands(["await", "/go"]);
  const ids = ["a", "b", "c"].map((suffix) => box.otherId(suffix));
  box.writeConfig();
  for (const id of ids) assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
  await Promise.all(ids.map(async (id) => assertSuccess(await box.runtime(["start", id]))));
  for (const id of ids) assert.equal(JSON.parse((await box.runtime(["state", id])).stdout).status, "running");
  assert.ok(!existsSync(box.inRootfs("go")));
});
