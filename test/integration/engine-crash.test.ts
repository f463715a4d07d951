import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineBox } from "../helpers/engine-box.ts";
import { monitorOf } from "../helpers/engine-monitor.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";
import { until } from "../helpers/until.ts";

const ALONE = ["--network", "none"] as const;

engineTest("prune removes a container that a crash has left without a record, and its name", async (box) => {
  await box.ok("create", "--name", "whole", "-v", "/anonymous", "base", "true");
  const containers = join(box.directory, "root/containers");
  const id = "ab".repeat(32);
  mkdirSync(join(containers, id));
  writeFileSync(join(containers, ".names/ghost"), id);
  writeFileSync(join(box.directory, `root/locks/container-${"cd".repeat(32)}.lock`), "");
  await box.ok("container", "prune", "-f");
  await box.ok("volume", "prune", "-f");
  assert.deepEqual(readdirSync(containers), [".names"]);
  assert.deepEqual(readdirSync(join(containers, ".names")), []);
  const locks = readdirSync(join(box.directory, "root/locks"));
  assert.deepEqual(
    locks.filter((name) => /^(container|volume)-/.test(name)),
    [],
  );
  await box.ok("create", "--name", "ghost", "base", "true");
});

engineTest("a container whose starter was killed before it said so counts as started", async (box) => {
  const id = await box.ok("run", "-d", "--name", "web", ...ALONE, "base", "sleep", "100");
  const file = join(box.directory, "root/containers", id, "config.json");
  const record = JSON.parse(readFileSync(file, "utf8"));
  Object.assign(record.life, { phase: "starting", startedAt: "0001-01-01T00:00:00Z" });
  writeFileSync(file, JSON.stringify(record));
  assert.match(await box.ok("ps", "--format", "{{.Status}}"), /^Up (Less than a|[0-9]+) (second|minute)/);
  assert.match(await box.inspect("web", "{{.State.StartedAt}}"), /^20/);
  await box.ok("stop", "-t", "0", "web");
  assert.match(await box.ok("ps", "-a", "--format", "{{.Status}}"), /^Exited \(137\)/);
});

engineTest("who finds a container ended before its monitor tells the status waits for it", async (box) => {
  const id = await box.ok("run", "-d", "--name", "web", ...ALONE, "base", "sleep", "1000");
  const monitor = monitorOf(box, id) ?? assert.fail("no monitor");
  process.kill(monitor, "SIGSTOP");
  let removing: Promise<string>;
  try {
    process.kill(Number(await box.inspect("web", "{{.State.Pid}}")), "SIGKILL");
    removing = box.ok("rm", "web");
    await delay(300);
  } finally {
    process.kill(monitor, "SIGCONT");
  }
  await removing;
  const die = ["events", "--since", "1h", "--until", "0s", "--filter", "event=die"];
  assert.equal(await box.ok(...die, "--format", "{{.Actor.Attributes.exitCode}}"), "137");
});

engineTest("rm that is faster than the monitor clears up after the container itself", async (box) => {
  const id = await box.ok("run", "-d", "--name", "web", ...ALONE, "base", "sleep", "1000");
  const pid = Number(await box.inspect("web", "{{.State.Pid}}"));
  const cgroups = cgroupsOf(pid);
  assert.ok(cgroups.length > 0);
  const monitor = monitorOf(box, id) ?? assert.fail("no monitor");
  process.kill(monitor, "SIGSTOP");
  try {
    process.kill(pid, "SIGKILL");
    await until("it has ended", async () => (await box.call(["rm", "web"])).status === 0);
  } finally {
    process.kill(monitor, "SIGCONT");
  }
  await until("the monitor ends", () => !existsSync(`/proc/${monitor}`));
  assert.deepEqual(cgroups.filter(existsSync), []);
  assert.deepEqual(readdirSync(join(box.directory, "run/runtime")), []);
});

/** A process's own cgroup directories. Source: proc_pid_cgroup(5). */
function cgroupsOf(pid: number): readonly string[] {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  const paths = lines.flatMap((line) => {
    const [, controllers = "", path = "/"] = line.split(":");
    const mounts = controllers === "" ? ["", "unified"] : controllers.split(",");
    return path === "/" ? [] : mounts.map((name) => join("/sys/fs/cgroup", name.replace("name=", ""), path));
  });
  return paths.filter((path) => existsSync(path));
}

/** As long as a commit takes to read it. */
const FILL = "head -c 30000000 /dev/urandom > /random; touch /ready; exec sleep 1000";

async function filled(box: EngineBox): Promise<string> {
  const id = await box.ok("run", "-d", "--name", "web", ...ALONE, "base", "sh", "-c", FILL);
  await box.ok("exec", "web", "sh", "-c", "until [ -e /ready ]; do sleep 0.05; done");
  return id;
}

engineTest("commits at once wait for each other, and the container goes on after the last", async (box) => {
  await filled(box);
  const results = await Promise.all(["a", "b", "c"].map((name) => box.call(["commit", "web", name])));
  assert.deepEqual(
    results.map(({ status, stderr }) => [status, stderr]),
    results.map(() => [0, ""]),
  );
  assert.equal(await box.inspect("web", "{{.State.Status}}"), "running");
});

engineTest("a commit that is killed leaves its container asleep until the next command only", async (box) => {
  const id = await filled(box);
  const commit = box.start(["commit", "web", "never"]);
  const note = join(box.directory, "run/containers", id, "paused-for-a-while");
  const isAsleep = () => existsSync(note) && readFileSync(note, "utf8") !== "";
  for (const deadline = Date.now() + 60_000 * TIME_SCALE; !isAsleep() && Date.now() < deadline; ) await delay(1);
  process.kill(commit.pid, "SIGKILL");
  await commit.ended;
  assert.match(await box.ok("ps", "--format", "{{.Status}}"), /^Up [^(]*$/);
  assert.equal(await box.ok("exec", "web", "echo", "awake"), "awake");
  assert.equal(await box.ok("images", "-q", "never"), "");
  assert.equal(execFileSync("find", [box.directory, "-name", "*.partial"], { encoding: "utf8" }), "");
});

/** Without one at the end: it was cut off when the container was killed. */
function wholeLines(text: string): readonly number[] {
  return text.slice(0, text.lastIndexOf("\n")).split("\n").map(Number);
}

engineTest("a busy container's lines are logged once each, whenever its monitor is killed", async (box) => {
  const rotation = ["--log-opt", "max-size=1m", "--log-opt", "max-file=100"];
  // As much as the files hold, however long all of this takes.
  const count = ["base", "sh", "-c", "seq 1 1000000; exec sleep 1000"];
  const id = await box.ok("run", "-d", "--name", "busy", ...ALONE, ...rotation, ...count);
  const pid = Number(await box.inspect("busy", "{{.State.Pid}}"));
  for (let kills = 0; kills < 8; kills++) {
    await delay(20 + 5 * kills);
    process.kill(monitorOf(box, id) ?? assert.fail("no monitor"), "SIGKILL");
    await box.ok("ps");
  }
  process.kill(monitorOf(box, id) ?? assert.fail("no monitor"), "SIGKILL");
  process.kill(pid, "SIGKILL");
  await box.ok("wait", "busy");
  const lines = wholeLines((await box.call(["logs", "busy"])).stdout);
  const odd = lines.findIndex((line, index) => line !== index + 1);
  assert.equal(odd, -1, `line ${odd + 1}: ${lines.slice(Math.max(0, odd - 2), odd + 3).join()} of ${lines.length}`);
});

engineTest("containers are stopped and removed on a full disk", async (box) => {
  const containers = join(box.directory, "root/containers");
  mkdirSync(containers, { recursive: true, mode: 0o700 });
  const mounted = await box.program("mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", containers);
  assert.equal(mounted.status, 0, mounted.stderr);
  try {
    for (const name of ["kept", "forced"])
      await box.ok("run", "-d", "--name", name, "--restart", "always", ...ALONE, "base", "sleep", "1000");
    await fill(box, containers);
    const refused = await box.call(["create", "--name", "more", "base", "true"]);
    assert.match(refused.stderr, /no space left on device/);
    await box.ok("stop", "-t", "0", "kept");
    assert.equal(await box.inspect("kept", "{{.State.Status}} {{.State.ExitCode}}"), "exited 137");
    await box.ok("start", "kept");
    await box.ok("kill", "kept");
    await fill(box, containers);
    await box.ok("rm", "-f", "forced", "kept");
    assert.equal(await box.ok("ps", "-aq"), "");
  } finally {
    rmSync(join(containers, "fill"), { force: true });
    await box.call(["rm", "-f", "forced", "kept"]);
    await box.program("umount", containers);
  }
});

async function fill(box: EngineBox, directory: string): Promise<void> {
  const { stderr } = await box.program("sh", "-c", `cat /dev/zero >> ${directory}/fill`);
  assert.match(stderr, /No space left/);
}
