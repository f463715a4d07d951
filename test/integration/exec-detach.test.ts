import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { execIn, launchExec, runningContainer } from "../helpers/exec-test.ts";
import { Terminal } from "../helpers/terminal.ts";
import { assertSuccess } from "../helpers/test-box.ts";

containerTest("exec --detach returns once the program runs, and writes its pid", async (box) => {
  await runningContainer(box);
  const program = launchExec(
    box,
    ["--detach", "--pid-file", box.path("pid")],
    [
      ["print", "up\n"],
      ["sleep", "60000"],
    ],
  );
  assertSuccess(await program.ended);
  await program.waitForOutput(/up/);
  const text = readFileSync(box.path("pid"), "utf8");
  assert.match(text, /^[1-9]\d*$/);
  assert.match(readFileSync(`/proc/${text}/cmdline`, "utf8"), /^\/probe\0print/);
  assert.equal((await box.state()).status, "running");
});

containerTest("exec --detach fails, and writes no pid, when there is no such command", async (box) => {
  await runningContainer(box);
  const result = await box.runtime(["exec", "--detach", "--pid-file", box.path("pid"), box.id, "nosuch"]);
  assert.equal(result.status, 255);
  assert.throws(() => readFileSync(box.path("pid")), { code: "ENOENT" });
});

containerTest(
  "exec --pidfd-socket sends a pidfd of the program",
  async (box) => {
    await runningContainer(box);
    const socket = box.path("pidfd");
    const receiver = Terminal.receive(socket);
    try {
      await box.socketAppears(socket);
      const flags = ["--detach", "--pid-file", box.path("pid"), "--pidfd-socket", socket];
      assertSuccess(await execIn(box, flags, [["sleep", "60000"]]));
      const pid = readFileSync(box.path("pid"), "utf8");
      assert.match((await receiver.received()).fdinfo, new RegExp(`^Pid:\\s+${pid}$`, "m"));
    } finally {
      receiver.close();
    }
  },
  { peerDeviations: { runc: "1.1 does not have it", crun: "does not have it" } },
);
