/**
 * Many commands at once, and commands and monitors that are killed at any moment: nothing is lost, and nothing is left.
 * MYDOCKER_STRESS=N makes N times as many rounds, and MYDOCKER_SEED=N repeats those of a run.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineBox } from "../helpers/engine-box.ts";
import { monitorsOf } from "../helpers/engine-monitor.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { until } from "../helpers/until.ts";

const ALONE = ["--network", "none"] as const;

function entries(box: EngineBox, path: string): readonly string[] {
  const directory = join(box.directory, path);
  return existsSync(directory) ? readdirSync(directory).filter((name) => !name.startsWith(".")) : [];
}

/** No container, no mount, no directory of one, no process; the locks of containers as well are gone. */
async function assertNothingLeft(box: EngineBox): Promise<void> {
  assert.equal(await box.ok("ps", "-aq"), "");
  for (const path of ["root/containers", "run/containers", "run/runtime", "run/netns"])
    assert.deepEqual(entries(box, path), [], path);
  assert.deepEqual(
    entries(box, "root/locks").filter((name) => /^(container|volume)-/.test(name)),
    [],
  );
  assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(box.directory));
  await until("the last process has ended", () => processesOf(box).length === 0);
}

/** What has the box's directory in its command line: monitors, runtimes, `mydocker` itself. */
function processesOf(box: EngineBox): readonly string[] {
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(box.directory));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** Every blob is what its name says. */
function assertWholeBlobs(box: EngineBox): void {
  for (const name of entries(box, "root/image/blobs/sha256")) {
    const bytes = readFileSync(join(box.directory, "root/image/blobs/sha256", name));
    assert.equal(createHash("sha256").update(bytes).digest("hex"), name);
  }
}

engineTest("fifty at once with the same image: none is lost, and none is left by rm -f beside exec", async (box) => {
  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
  const script = (name: string) => ["sh", "-c", `echo ${name}; exec sleep 1000`];
  const runs = names.map((name) => box.call(["run", "-d", "--name", name, ...ALONE, "base", ...script(name)]));
  assert.deepEqual(
    (await Promise.all(runs)).map(({ status, stderr }) => [status, stderr]),
    names.map(() => [0, ""]),
  );
  assert.equal((await box.ok("ps", "-q")).split("\n").length, names.length);
  for (const name of names) await until(`${name} has said so`, () => logOf(box, name) === `${name}\n`);
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

/** Without a process for each. */
function logOf(box: EngineBox, name: string): string {
  const containers = join(box.directory, "root/containers");
  const id = readFileSync(join(containers, ".names", name), "utf8");
  const file = join(containers, id, `${id}-json.log`);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line).log).join("");
}

/** The same numbers for the same seed. Source: Knuth's MMIX constants, the upper bits. */
function randomNumbers(seed: bigint): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number((state >> 33n) % BigInt(limit));
  };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The files that the commands below read: an archive of files, and one of images. */
async function makeArchives(box: EngineBox): Promise<void> {
  mkdirSync(join(box.directory, "tree"));
  writeFileSync(join(box.directory, "tree/file"), "content".repeat(100_000));
  execFileSync("tar", ["-C", join(box.directory, "tree"), "-cf", join(box.directory, "tree.tar"), "."]);
  await box.ok("import", "tree.tar", "kept");
  await box.ok("save", "-o", "images.tar", "base", "kept");
}

/** Every kind of command that changes anything; `n` is of few values, so that some meet. */
function commands(n: number): readonly (readonly string[])[] {
  return [
    ["run", "-d", ...ALONE, "base", "sleep", "1000"],
    ["run", "-d", "--restart", "always", ...ALONE, "base", "sleep", "0.1"],
    ["run", "-d", "--name", `named-${n}`, "-v", `vol-${n}:/data`, ...ALONE, "base", "sleep", "1000"],
    ["run", "--rm", "-v", "/anonymous", ...ALONE, "base", "true"],
    ["rm", "-f", `named-${n}`],
    ["rename", `named-${n}`, `other-${n}`],
    ["restart", "-t", "0", `named-${n}`],
    ["exec", "stays", "sleep", "0.1"],
    ["cp", "tree", "stays:/copied"],
    ["commit", "stays", `committed:${n}`],
    ["import", "tree.tar", `imported:${n}`],
    ["load", "-i", "images.tar"],
    ["save", "-o", `saved-${n}.tar`, "kept"],
    ["tag", "base", `tagged:${n}`],
    ["rmi", "-f", `committed:${n}`, `imported:${n}`, `tagged:${n}`],
    ["image", "prune", "-f"],
    ["volume", "create", `vol-${n}`],
    ["volume", "rm", `vol-${n}`],
  ];
}

const STRESS = Number(process.env.MYDOCKER_STRESS ?? 1);
const ROUNDS = 20 * STRESS;
const AT_ONCE = 4;

engineTest("what is killed at any moment is there whole or not at all, and can be removed", async (box) => {
  const seed = process.env.MYDOCKER_SEED ?? String(Date.now());
  const random = randomNumbers(BigInt(seed));
  await makeArchives(box);
  const counts = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done";
  const id = await box.ok("run", "-d", "--name", "stays", ...ALONE, "base", "sh", "-c", counts);
  for (let round = 0; round < ROUNDS; round++) {
    const victims = Array.from({ length: AT_ONCE }, () => {
      const all = commands(random(3));
      return { program: box.start(all[random(all.length)] ?? []), after: random(150) };
    });
    const monitors = monitorsOf(box);
    const monitor = monitors[random(monitors.length + 1)];
    if (round % 3 === 0 && monitor !== undefined) killIfThere(monitor);
    for (const { program, after } of victims) {
      await delay(after / AT_ONCE);
      killIfThere(program.pid);
      await program.ended;
    }
  }
  await assertWell(box, id, `with the seed ${seed}`);
  await removeAll(box);
});

/** The store can be read, its images are whole, and the container that nobody wanted to end has lost no line. */
async function assertWell(box: EngineBox, id: string, label: string): Promise<void> {
  assert.equal(await box.ok("exec", id, "echo", "well"), "well", label);
  for (const line of [
    ["ps", "-a"],
    ["images", "-a"],
    ["volume", "ls"],
    ["system", "df"],
    ["system", "recover"],
  ]) {
    const { status, stderr } = await box.call(line);
    assert.deepEqual([status, stderr], [0, ""], `${line.join(" ")} ${label}`);
  }
  assertWholeBlobs(box);
  const images = (await box.ok("images", "--format", "{{.Repository}}:{{.Tag}}")).split("\n");
  for (const image of images.filter((name) => name.startsWith("committed")))
    assert.equal(await box.ok("run", "--rm", ...ALONE, image, "echo", "whole"), "whole", label);
  const lines = (await box.ok("logs", "stays")).split("\n").map(Number);
  assert.equal(
    lines.findIndex((line, index) => line !== index + 1),
    -1,
    label,
  );
}

async function removeAll(box: EngineBox): Promise<void> {
  await box.ok("rm", "-f", "-v", ...(await box.ok("ps", "-aq")).split("\n"));
  await box.ok("system", "recover");
  await box.ok("volume", "prune", "-af");
  await assertNothingLeft(box);
  assert.deepEqual(readdirSync(join(box.directory, "root/volumes")), []);
  await box.ok("image", "prune", "-af");
  for (const path of ["root/layers", "root/mounts", "root/image/ingest", "root/image/blobs/sha256"])
    assert.deepEqual(entries(box, path), [], path);
  assert.deepEqual(
    entries(box, "root/overlay2").filter((name) => name !== "l"),
    [],
  );
}
