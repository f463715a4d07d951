import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { killMonitor, monitorOf } from "../helpers/engine-monitor.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { Terminal } from "../helpers/terminal.ts";
import { until } from "../helpers/until.ts";

const ALONE = ["--network", "none"] as const;

/** A shell's line that waits until this file is there, which the test makes. */
function waitsFor(path: string): string {
  return `while ! test -e ${path}; do sleep 0.05; done`;
}

engineTest("a monitor that is killed loses no line and no container: the next command brings another", async (box) => {
  const id = await box.ok(
    "run",
    "-d",
    ...ALONE,
    "base",
    "sh",
    "-c",
    "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done",
  );
  await until("some lines", async () => (await box.ok("logs", id)).split("\n").length > 5);
  const before = (await box.ok("logs", id)).split("\n").length;
  const first = await killMonitor(box, id);
  assert.match(await box.ok("ps", "-q", "--no-trunc"), new RegExp(id));
  assert.notEqual(monitorOf(box, id), first);
  await until("more lines", async () => (await box.ok("logs", id)).split("\n").length > before + 10);
  const lines = (await box.ok("logs", id)).split("\n").map(Number);
  assert.deepEqual(
    lines,
    lines.map((_, index) => index + 1),
  );
});

engineTest("the exit status of a container whose monitor was killed is told by the next one", async (box) => {
  const endings: readonly (readonly [status: number, end: (id: string) => Promise<unknown>])[] = [
    [3, (id) => box.ok("exec", id, "touch", "/go")],
    [137, async (id) => process.kill(Number(await box.inspect(id, "{{.State.Pid}}")), "SIGKILL")],
  ];
  for (const [status, end] of endings) {
    const id = await box.ok("run", "-d", ...ALONE, "base", "sh", "-c", `${waitsFor("/go")}; exit 3`);
    await killMonitor(box, id);
    await box.ok("ps", "-q");
    await end(id);
    await until("it ends", async () => (await box.inspect(id, "{{.State.Status}}")) === "exited");
    assert.equal(await box.inspect(id, "{{.State.ExitCode}}"), String(status));
  }
});

engineTest("who watches goes on to when a monitor is killed, and a terminal is as it was", async (box) => {
  const script = `while ! test -e /go; do echo line; sleep 0.05; done; exit 3`;
  const watching = box.start(["run", "--name", "one", ...ALONE, "base", "sh", "-c", script]);
  await until("it is shown", () => watching.stdout.length > 0);
  await killMonitor(box, await box.inspect("one", "{{.Id}}"));
  const before = watching.stdout.length;
  await until("it is shown again", () => watching.stdout.length > before + 50);
  await box.ok("exec", "one", "touch", "/go");
  assert.equal((await watching.ended).status, 3);
  const terminal = Terminal.run(30, 100, box.argv("run", "-ti", "--name", "two", ...ALONE, "base", "sh"));
  await terminal.waitFor(/# /);
  await killMonitor(box, await box.inspect("two", "{{.Id}}"));
  assert.equal((await terminal.ended()).isModeRestored, true);
});

engineTest("mydocker that is killed leaves the container to its monitor, which removes it with --rm", async (box) => {
  const running = box.start([
    "run",
    "--rm",
    "--name",
    "left",
    ...ALONE,
    "base",
    "sh",
    "-c",
    `echo up; ${waitsFor("/go")}`,
  ]);
  await until("it is up", () => /up/.test(running.stdout));
  process.kill(running.pid, "SIGKILL");
  assert.equal((await running.ended).status, 137);
  assert.match(await box.ok("ps"), /left/);
  await box.ok("exec", "left", "touch", "/go");
  await until("it removes itself", async () => (await box.ok("ps", "-aq")) === "");
  assert.deepEqual(
    readdirSync(join(box.directory, "root/containers")).filter((name) => !name.startsWith(".")),
    [],
  );
});
