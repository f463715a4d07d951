import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { containerTest } from "../helpers/container-test.ts";

containerTest("state prints what the spec wants and what callers read", async (box) => {
  box.config.annotations = { "org.example.key": "value", empty: "" };
  box.setCommands(["sleep", "60000"]);
  const before = Date.now();
  await box.created();
  const state = await box.state();
  assert.equal(typeof state.ociVersion, "string");
  assert.equal(state.id, box.id);
  assert.equal(state.status, "created");
  assert.ok(Number(state.pid) > 0);
  assert.equal(state.bundle, box.bundle);
  assert.deepEqual(state.annotations, box.config.annotations);
  assert.match(String(state.created), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const created = Date.parse(String(state.created));
  assert.ok(created >= before - 1000 && created <= Date.now() + 1000);
});

containerTest(
  "state names the absolute path of the root",
  async (box) => {
    await box.created();
    assert.equal((await box.state()).rootfs, box.rootfs);
  },
  { peerDeviations: { crun: "shows root.path as it is" } },
);

containerTest(
  "state names the owner",
  async (box) => {
    await box.created();
    assert.equal((await box.state()).owner, userInfo().username);
  },
  { peerDeviations: { runc: "1.1.5 shows it in list only", crun: "1.8.1 shows it in list only" } },
);

containerTest("state follows the container through its life", async (box) => {
  box.config.root.readonly = false;
  box.setCommands(["sleep", "60000"]);
  await box.created();
  assert.equal((await box.state()).status, "created");
  await box.must("start");
  assert.equal((await box.state()).status, "running");
  await box.must("kill", "KILL");
  await box.waitForStatus("stopped");
  assert.equal((await box.state()).pid, 0);
});

containerTest("state calls a container stopped once its process has ended, waited for or not", async (box) => {
  // Whoever the process falls to may leave it a zombie for a while.
  await box.started(["exit", "0"]);
  await box.waitForStatus("stopped");
});

containerTest(
  "state refuses a container that does not exist",
  async (box) => {
    const result = await box.runtime(["state", box.id]);
    assert.equal(result.status, 1);
    assert.equal(result.stdout, "");
    assert.match(result.stderr, /does not exist/);
  },
  { peerDeviations: { crun: "1.8.1 shows the failed open of its status file" } },
);

containerTest("state knows only the containers of its root", async (box) => {
  await box.created();
  const [runtime = ""] = box.argv([]);
  const result = await box.program([runtime, "--root", box.path("another"), "state", box.id]);
  assert.equal(result.status, 1);
});
