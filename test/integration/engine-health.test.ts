import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineBox } from "../helpers/engine-box.ts";
import { monitorOf } from "../helpers/engine-monitor.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { installedPeers } from "../helpers/peers.ts";
import { until } from "../helpers/until.ts";

const ALONE = ["--network", "none"] as const;
const OFTEN = ["--health-interval", "20ms", "--health-retries", "2"] as const;

interface Health {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly {
    readonly Start: string;
    readonly End: string;
    readonly ExitCode: number;
    readonly Output: string;
  }[];
}

async function healthOf(box: EngineBox, name: string): Promise<Health> {
  // Printed by the program under test; the assertions say whether it is of this shape.
  return JSON.parse(await box.inspect(name, "{{json .State.Health}}")) as Health;
}

async function untilHealth(box: EngineBox, name: string, status: string): Promise<void> {
  await until(`${name} is ${status}`, async () => (await box.inspect(name, "{{.State.Health.Status}}")) === status);
}

async function healthEvents(box: EngineBox): Promise<readonly string[]> {
  const text = await box.ok("events", "--since", "0", "--until", "0s", "--format", "{{.Action}}");
  return text.split("\n").filter((action) => action.startsWith("health_status"));
}

const peers = [{ name: "mydocker-runtime", path: "mydocker-runtime" }, ...installedPeers()];
for (const { name, path } of peers) {
  engineTest(
    `a health check by ${name} follows what its command says, and ps, inspect and events show it`,
    async (box) => {
      const runtime = ["--runtime", path];
      const check = ["--health-cmd", "cat /state; echo bad >&2; test -e /well", ...OFTEN];
      await box.ok("run", "-d", "--name", "one", ...runtime, ...check, ...ALONE, "base", "sleep", "1000");
      await untilHealth(box, "one", "unhealthy");
      const sick = await healthOf(box, "one");
      assert.ok(sick.FailingStreak >= 2, JSON.stringify(sick));
      assert.match(sick.Log[0]?.Output ?? "", /No such file[\s\S]*bad\n$/);
      assert.equal(sick.Log[0]?.ExitCode, 1);
      assert.match(await box.ok("ps"), /Up [^(]* \(unhealthy\)/);
      await box.ok("exec", "one", "sh", "-c", "echo fine > /state; touch /well");
      await untilHealth(box, "one", "healthy");
      await until("five good checks", async () =>
        (await healthOf(box, "one")).Log.every(({ ExitCode }) => ExitCode === 0),
      );
      const well = await healthOf(box, "one");
      assert.equal(well.FailingStreak, 0);
      assert.equal(well.Log.length, 5);
      assert.match(well.Log[4]?.Output ?? "", /^(fine\nbad\n|bad\nfine\n)$/);
      const starts = well.Log.map(({ Start }) => Start);
      assert.deepEqual(starts, [...starts].sort());
      assert.match(await box.ok("ps"), /Up [^(]* \(healthy\)/);
      await until("both events", async () => (await healthEvents(box)).length === 2);
      assert.deepEqual(await healthEvents(box), ["health_status: unhealthy", "health_status: healthy"]);
      await box.ok("stop", "-t", "0", "one");
      assert.equal(await box.inspect("one", "{{.State.Health.Status}}"), "unhealthy");
      assert.doesNotMatch(await box.ok("ps", "-a"), /healthy/);
    },
  );
}

engineTest("a check that takes too long is killed, and one that cannot be executed fails", async (box) => {
  const check = ["--health-cmd", "echo began; exec sleep 9999", ...OFTEN, "--health-timeout", "300ms"];
  await box.ok("run", "-d", "--name", "slow", ...check, ...ALONE, "base", "sleep", "1000");
  await untilHealth(box, "slow", "unhealthy");
  // Where the machine is slow, one may end before it has said anything.
  const late = "Health check exceeded timeout (300ms): began\n";
  await until("a late one", async () => (await healthOf(box, "slow")).Log.some(({ Output }) => Output === late));
  assert.ok((await healthOf(box, "slow")).Log.every(({ ExitCode }) => ExitCode === -1));
  const sleepers = (await box.ok("top", "slow", "-eo", "pid,args"))
    .split("\n")
    .filter((line) => /sleep 9999/.test(line));
  assert.ok(sleepers.length <= 1, "an earlier check was not killed");
  await box.ok("commit", "-c", 'HEALTHCHECK --interval=20ms --retries=1 CMD ["/no/such/program"]', "slow", "broken");
  await box.ok("run", "-d", "--name", "none", ...ALONE, "broken", "sleep", "1000");
  await untilHealth(box, "none", "unhealthy");
  const [missing] = (await healthOf(box, "none")).Log;
  assert.equal(missing?.ExitCode, -1);
  assert.match(missing?.Output ?? "", /\/no\/such\/program/);
});

engineTest("of a check's output 4096 bytes are kept, and a flood holds nothing up", async (box) => {
  const check = ["--health-cmd", "busybox yes x | busybox head -c 300000", ...OFTEN];
  await box.ok("run", "-d", "--name", "flood", ...check, ...ALONE, "base", "sleep", "1000");
  await untilHealth(box, "flood", "healthy");
  assert.equal((await healthOf(box, "flood")).Log[0]?.Output, `${"x\n".repeat(2048)}...`);
});

engineTest("failures within the start period do not count, and the first success ends it", async (box) => {
  const early = ["--health-start-period", "1h", "--health-start-interval", "20ms", "--health-interval", "1h"];
  const check = ["--health-cmd", "test -e /well", "--health-retries", "1", ...early];
  await box.ok("run", "-d", "--name", "one", ...check, ...ALONE, "base", "sleep", "1000");
  await until("some checks", async () => (await healthOf(box, "one")).Log.length >= 3);
  const { Status, FailingStreak } = await healthOf(box, "one");
  assert.deepEqual([Status, FailingStreak], ["starting", 0]);
  assert.match(await box.ok("ps"), /\(health: starting\)/);
  await box.ok("exec", "one", "touch", "/well");
  await untilHealth(box, "one", "healthy");
});

engineTest("ps --filter health=, and --no-healthcheck", async (box) => {
  await box.ok("create", "--name", "made", "base", "true");
  await box.ok("commit", "-c", "HEALTHCHECK --interval=20ms CMD true", "made", "checked");
  assert.equal(
    await box.ok("image", "inspect", "-f", "{{json .Config.Healthcheck}}", "checked"),
    '{"Test":["CMD-SHELL","true"],"Interval":20000000}',
  );
  await box.ok("run", "-d", "--name", "well", ...ALONE, "checked", "sleep", "1000");
  await box.ok("run", "-d", "--name", "unchecked", "--no-healthcheck", ...ALONE, "checked", "sleep", "1000");
  await box.ok("run", "-d", "--name", "early", "--health-interval", "1h", ...ALONE, "checked", "sleep", "1000");
  await untilHealth(box, "well", "healthy");
  const named = (health: string) => box.ok("ps", "--filter", `health=${health}`, "--format", "{{.Names}}");
  assert.deepEqual(
    [await named("healthy"), await named("none"), await named("starting"), await named("unhealthy")],
    ["well", "unchecked", "early", ""],
  );
  assert.equal(await box.inspect("unchecked", "{{if .State.Health}}checked{{else}}not{{end}}"), "not");
  const refused = await box.call(["ps", "--filter", "health=well"]);
  assert.match(refused.stderr, /invalid filter 'health=well'/);
  const both = await box.call(["run", "--no-healthcheck", "--health-cmd", "true", "base", "true"]);
  assert.deepEqual([both.status, /conflicts with --health-/.test(both.stderr)], [125, true]);
});

engineTest("a paused container is not checked, and goes on as it was", async (box) => {
  await box.ok("run", "-d", "--name", "one", "--health-cmd", "true", ...OFTEN, ...ALONE, "base", "sleep", "1000");
  await untilHealth(box, "one", "healthy");
  await box.ok("pause", "one");
  // One that has ended just before it is still counted.
  await until("nothing is checked", async () => {
    const before = await healthOf(box, "one");
    await delay(200);
    const after = await healthOf(box, "one");
    return before.Log[4]?.Start === after.Log[4]?.Start;
  });
  const { Status, Log } = await healthOf(box, "one");
  assert.equal(Status, "healthy");
  await box.ok("unpause", "one");
  await until("checks again", async () => (await healthOf(box, "one")).Log[4]?.Start !== Log[4]?.Start);
  assert.equal((await healthOf(box, "one")).Status, "healthy");
});

engineTest("another monitor goes on with the checks, ends the one that was left, and stays small", async (box) => {
  const id = await box.ok(
    ...["run", "-d", "--health-cmd", "test -e /hang && exec sleep 9999; true", ...OFTEN, ...ALONE],
    ...["base", "sleep", "1000"],
  );
  await untilHealth(box, id, "healthy");
  await box.ok("exec", id, "touch", "/hang");
  const hanging = async () => /sleep 9999/.test(await box.ok("top", id, "-eo", "pid,args"));
  await until("a check hangs", hanging);
  const process_ = join(box.directory, "run/containers", id, "health.process");
  await until("the monitor knows of it", () => existsSync(process_));
  const first = monitorOf(box, id) ?? assert.fail("no monitor");
  process.kill(first, "SIGKILL");
  await until("the monitor is gone", () => monitorOf(box, id) !== first);
  await box.ok("exec", id, "rm", "/hang");
  assert.match(await box.ok("ps"), /\(healthy\)/);
  await until("it does not hang any more", async () => !(await hanging()));
  const count = () => Number(readFileSync(join(box.directory, "run/containers", id, "health"), "utf8").split(" ")[2]);
  const before = count();
  await until("more checks", () => count() > before + 3);
  const rollup = readFileSync(`/proc/${monitorOf(box, id)}/smaps_rollup`, "utf8");
  assert.ok(Number(/^Pss: +(\d+) kB/m.exec(rollup)?.[1]) <= 128, rollup);
});
