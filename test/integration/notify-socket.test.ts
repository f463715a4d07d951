import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { ServiceManager } from "../helpers/service-manager.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

/** A container that says this, as soon as the file /go is there; in the root filesystem it may be made from outside. */
function notifying(name: string, body: (box: TestBox, manager: ServiceManager) => Promise<void>): void {
  containerTest(
    name,
    async (box) => {
      box.setCommands(["env"], ["await", "/go"], ["notify", "MAINPID=1\nSTATUS=x\nREADY=1\n"], ["await", "/end"]);
      const manager = new ServiceManager(box);
      try {
        await body(box, manager);
      } finally {
        manager.close();
      }
    },
    { needs: [needsOurs] },
  );
}

function signal(box: TestBox, file: "go" | "end"): void {
  writeFileSync(box.inRootfs(file), "");
}

notifying("run hands on that its container is ready, and nothing else of what it says", async (box, manager) => {
  const program = box.launchRun([], { env: manager.env });
  await program.waitForOutput(/NOTIFY_SOCKET=\/run\/notify\/notify.sock/);
  signal(box, "go");
  assert.equal(await manager.hear(), "READY=1\n");
  signal(box, "end");
  assertSuccess(await program.ended);
  assert.equal(await manager.hear(0), "");
  assert.deepEqual(readdirSync(box.stateRoot), []);
});

notifying("run --detach waits until its container is ready, and tells its pid", async (box, manager) => {
  const program = box.launchRun(["--detach"], { env: manager.env });
  await program.waitForOutput(/NOTIFY_SOCKET=/);
  const { pid, status } = await box.state();
  assert.equal(status, "running");
  signal(box, "go");
  assert.equal(await manager.hear(), `READY=1\nMAINPID=${pid}\n`);
  assert.equal(await manager.hear(), "BARRIER=1");
  assertSuccess(await program.ended);
  assert.equal((await box.state()).status, "running");
});

notifying("start waits until its container is ready, and locks nobody out meanwhile", async (box, manager) => {
  const creation = box.launchCreate([], { env: manager.env });
  assertSuccess(await creation.ended);
  const start = box.launch(["start", box.id], { env: manager.env });
  await creation.waitForOutput(/NOTIFY_SOCKET=/);
  assertSuccess(await box.runtime(["exec", box.id, "/probe", "cwd"]));
  signal(box, "go");
  assert.equal(await manager.hear(), `READY=1\nMAINPID=${(await box.state()).pid}\n`);
  assert.equal(await manager.hear(), "BARRIER=1");
  assertSuccess(await start.ended);
  await box.must("delete", "--force");
  assert.ok(!existsSync(`${box.stateRoot}/${box.id}`));
});

notifying("start without a service manager does not wait for the container to be ready", async (box, manager) => {
  await box.created([], { env: manager.env });
  await box.must("start");
  assert.equal((await box.state()).status, "running");
});

notifying("start ends with a container that never was ready", async (box, manager) => {
  box.setCommands(["notify", "STATUS=not yet"], ["exit", "3"]);
  await box.created([], { env: manager.env });
  assertSuccess(await box.runtime(["start", box.id], { env: manager.env }));
  assert.equal(await manager.hear(0), "");
});

notifying(
  "start warns of a service manager that is not there, and leaves the container alone",
  async (box, manager) => {
    const env = { NOTIFY_SOCKET: box.path("nobody.sock") };
    signal(box, "go");
    await box.created([], { env: manager.env });
    const { status, stderr } = await box.runtime(["start", box.id], { env });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /warning: Cannot tell the service manager at ".*nobody.sock" that the container is ready/);
    assert.equal((await box.state()).status, "running");
  },
);
