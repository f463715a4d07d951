import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineTest } from "../helpers/engine-test.ts";

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
