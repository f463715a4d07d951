import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { listTree } from "../helpers/file-tree.ts";
import { cgroupV1Directory, needsCgroupV1, needsOurs } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

containerTest("delete removes a stopped container and nothing of its bundle", async (box) => {
  await stopped(box);
  const before = listTree(box.bundle);
  const { stdout, stderr } = await box.must("delete");
  assert.deepEqual({ stdout, stderr }, { stdout: "", stderr: "" });
  assert.ok(!readdirSync(box.stateRoot).includes(box.id));
  await box.assertNoTraces();
  assert.deepEqual(listTree(box.bundle), before);
});

containerTest("delete refuses a running container and leaves it alone", async (box) => {
  await box.started(["sleep", "60000"]);
  const result = await box.runtime(["delete", box.id]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /not stopped|running|not in `created` or `stopped`/);
  assert.equal((await box.state()).status, "running");
});

containerTest(
  "delete refuses a created container, as the spec wants",
  async (box) => {
    await box.created();
    const result = await box.runtime(["delete", box.id]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /not stopped/);
    assert.equal((await box.state()).status, "created");
  },
  { peerDeviations: { runc: "ends it", crun: "ends it" } },
);

for (const flag of ["--force", "-f"]) {
  containerTest(`delete ${flag} ends and removes a running container`, async (box) => {
    await box.started(["ignore", "15"], ["sleep", "60000"]);
    await box.must("delete", flag);
    await box.assertNoTraces();
    assert.equal((await box.runtime(["state", box.id])).status, 1);
  });
}

containerTest("delete --force ends the processes that a container without a pid namespace has left", async (box) => {
  box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
  await box.started(["spawn"], ["exit", "0"]);
  await box.waitForStatus("stopped");
  await box.must("delete", "--force");
  await box.assertNoTraces();
});

containerTest(
  "delete --force ends what the container has frozen in a cgroup of its own",
  async (box) => {
    await box.started(["sleep", "60000"]);
    const { pid } = await box.state();
    const path = /:freezer:(.*)/.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? "";
    const inner = join(cgroupV1Directory("freezer") ?? "", path, "inner");
    mkdirSync(inner);
    writeFileSync(join(inner, "cgroup.procs"), String(pid));
    writeFileSync(join(inner, "freezer.state"), "FROZEN");
    await box.must("delete", "--force");
    await box.assertNoTraces();
  },
  { needs: [needsCgroupV1("freezer")], peerDeviations: { runc: "thaws its own only", crun: "thaws its own only" } },
);

containerTest("delete --force of a container that does not exist succeeds silently", async (box) => {
  const result = await box.runtime(["delete", "--force", box.id]);
  assert.deepEqual(result, { status: 0, stdout: "", stderr: "" });
});

containerTest(
  "delete refuses a container that does not exist",
  async (box) => {
    const result = await box.runtime(["delete", box.id]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /does not exist/);
  },
  { peerDeviations: { crun: "1.8.1 shows the failed open of its status file" } },
);

containerTest("delete frees the id", async (box) => {
  await stopped(box);
  await box.must("delete");
  await box.created();
});

containerTest("delete takes away what a killed init has left", async (box) => {
  await box.started(["sleep", "60000"]);
  process.kill(Number((await box.state()).pid), "SIGKILL");
  await box.waitForStatus("stopped");
  await box.must("delete");
  await box.assertNoTraces();
});

containerTest(
  "delete works when the bundle is gone",
  async (box) => {
    await stopped(box);
    assertSuccess(await box.program(["rm", "-rf", box.bundle]));
    await box.must("delete");
    await box.assertNoTraces();
  },
  { needs: [needsOurs] },
);

async function stopped(box: TestBox): Promise<void> {
  await box.started(["exit", "0"]);
  await box.waitForStatus("stopped");
}
