import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineBox } from "../helpers/engine-box.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

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
  const id = await box.ok("run", "-d", "--name", "web", "--network", "none", "base", "sleep", "100");
  const file = join(box.directory, "root/containers", id, "config.json");
  const record = JSON.parse(readFileSync(file, "utf8"));
  Object.assign(record.life, { phase: "starting", startedAt: "0001-01-01T00:00:00Z" });
  writeFileSync(file, JSON.stringify(record));
  assert.match(await box.ok("ps", "--format", "{{.Status}}"), /^Up (Less than a|[0-9]+) (second|minute)/);
  assert.match(await box.inspect("web", "{{.State.StartedAt}}"), /^20/);
  await box.ok("stop", "-t", "0", "web");
  assert.match(await box.ok("ps", "-a", "--format", "{{.Status}}"), /^Exited \(137\)/);
});

/** As long as a commit takes to read it. */
const FILL = "head -c 30000000 /dev/urandom > /random; touch /ready; exec sleep 1000";

async function filled(box: EngineBox): Promise<string> {
  const id = await box.ok("run", "-d", "--name", "web", "--network", "none", "base", "sh", "-c", FILL);
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
