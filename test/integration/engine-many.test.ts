/** Many commands at once, and commands that are killed at any moment: nothing is lost, and nothing is left. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineBox } from "../helpers/engine-box.ts";
import { engineTest } from "../helpers/engine-test.ts";

const ALONE = ["--network", "none"] as const;

function entries(box: EngineBox, path: string): readonly string[] {
  const directory = join(box.directory, path);
  return existsSync(directory) ? readdirSync(directory).filter((name) => !name.startsWith(".")) : [];
}

/** No container, no mount, no directory of one; the locks of containers as well are gone. */
async function assertNothingLeft(box: EngineBox): Promise<void> {
  assert.equal(await box.ok("ps", "-aq"), "");
  for (const path of ["root/containers", "run/containers", "run/runtime", "run/netns"])
    assert.deepEqual(entries(box, path), [], path);
  assert.deepEqual(
    entries(box, "root/locks").filter((name) => name.startsWith("container-")),
    [],
  );
  assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(box.directory));
}

async function start(box: EngineBox, name: string): Promise<number> {
  return (await box.call(["run", "-d", "--name", name, ...ALONE, "base", "sleep", "1000"])).status;
}

engineTest("fifty at once with the same image: none is lost, and none is left by rm -f beside exec", async (box) => {
  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
  const statuses = await Promise.all(names.map((name) => start(box, name)));
  assert.deepEqual(
    statuses,
    names.map(() => 0),
  );
  assert.equal((await box.ok("ps", "-q")).split("\n").length, names.length);
  const execs = names.slice(0, 10).map((name) => box.call(["exec", name, "sleep", "1000"]));
  await delay(200);
  const removals = await Promise.all(names.map((name) => box.call(["rm", "-f", name])));
  assert.deepEqual(
    removals.map(({ status, stderr }) => [status, stderr]),
    names.map(() => [0, ""]),
  );
  for (const { status } of await Promise.all(execs)) assert.notEqual(status, 0);
  await assertNothingLeft(box);
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

engineTest("what is killed at any moment is there whole or not at all, and can be removed", async (box) => {
  const id = await box.ok("run", "-d", "--name", "stays", ...ALONE, "base", "sleep", "1000");
  const lines: readonly (readonly string[])[] = [
    ["run", "-d", ...ALONE, "base", "sleep", "1000"],
    ["commit", "stays", "image"],
    ["exec", "stays", "sleep", "1000"],
    ["run", "--rm", "-v", "/anonymous", ...ALONE, "base", "true"],
  ];
  for (let after = 2; after < 120; after += 7) {
    const victims = lines.map((line) => box.start(line));
    await delay(after);
    for (const { pid } of victims) killIfThere(pid);
    await Promise.all(victims.map((victim) => victim.ended));
  }
  assert.equal(await box.ok("exec", id, "echo", "well"), "well");
  const { status, stderr } = await box.call(["ps", "-aq"]);
  assert.deepEqual([status, stderr], [0, ""]);
  await box.ok("system", "recover");
  await box.ok("rm", "-f", "-v", ...(await box.ok("ps", "-aq")).split("\n"));
  await box.ok("system", "recover");
  await assertNothingLeft(box);
  await box.ok("volume", "prune", "-f");
  assert.deepEqual(entries(box, "root/volumes"), []);
  await box.ok("image", "prune", "-af");
  for (const path of ["root/layers", "root/image/ingest", "root/image/blobs/sha256"])
    assert.deepEqual(entries(box, path), [], path);
});
