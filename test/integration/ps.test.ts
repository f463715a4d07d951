import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { cgroupV1Directory, needsCgroupV1, needsProgram } from "../helpers/needs.ts";
import type { TestBox } from "../helpers/test-box.ts";

const NEEDS = { needs: [needsProgram("ps")] };

containerTest("ps --format json is the list of the container's pids on the host", async (box) => {
  await runTwo(box);
  const { stdout } = await box.must("ps", "--format=json");
  const pids: unknown = JSON.parse(stdout);
  assert.ok(Array.isArray(pids) && pids.length === 2);
  assert.ok(pids.includes((await box.state()).pid));
  for (const pid of pids) assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /^\/probe\0/);
});

containerTest(
  "ps shows the lines of the container's processes, and no others",
  async (box) => {
    await runTwo(box);
    const [header = "", ...lines] = (await box.must("ps")).stdout.trimEnd().split("\n");
    assert.match(header, /^UID +PID +PPID /);
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, / \/probe spawn -- sleep 60000$/);
  },
  { ...NEEDS, peerDeviations: { crun: "shows the pids only" } },
);

containerTest(
  "ps hands its arguments on to the host's ps",
  async (box) => {
    await runTwo(box);
    const { stdout, status } = await box.runtime(["ps", box.id, "-eo", "ppid,pid,args"]);
    assert.equal(status, 0);
    const [header = "", ...lines] = stdout.trimEnd().split("\n");
    assert.match(header, /^ *PPID +PID COMMAND$/);
    assert.equal(lines.length, 2);
  },
  { ...NEEDS, peerDeviations: { crun: "takes no arguments for ps" } },
);

containerTest(
  "ps refuses columns without the pid",
  async (box) => {
    await runTwo(box);
    const result = await box.runtime(["ps", box.id, "-eo", "args"]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /PID/i);
  },
  { ...NEEDS, peerDeviations: { crun: "shows nothing" } },
);

containerTest(
  "ps shows processes in cgroups that the container has made",
  async (box) => {
    await runTwo(box);
    const groups = readFileSync(`/proc/${(await box.state()).pid}/cgroup`, "utf8");
    const below = ["pids", "freezer"].map((name) => {
      const path = new RegExp(`:${name}:(.*)`).exec(groups)?.[1] ?? "";
      return join(cgroupV1Directory(name) ?? "", path, "below");
    });
    const [, second] = JSON.parse((await box.must("ps", "--format=json")).stdout);
    for (const directory of below) {
      mkdirSync(directory);
      writeFileSync(join(directory, "cgroup.procs"), String(second));
    }
    assert.equal(JSON.parse((await box.must("ps", "--format=json")).stdout).length, 2);
    await box.must("kill", "KILL");
    await box.assertNoProcesses();
    for (const directory of below) rmdirSync(directory);
  },
  { needs: [needsCgroupV1("pids"), needsCgroupV1("freezer")], peerDeviations: { crun: "looks into its own only" } },
);

containerTest(
  "ps of a container that has stopped shows nobody",
  async (box) => {
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    const { stdout } = await box.must("ps", "--format=json");
    assert.ok(["[]", "null"].includes(stdout.trim()));
    assert.equal((await box.must("ps")).stdout.trimEnd().split("\n").length, 1);
  },
  { ...NEEDS, peerDeviations: { crun: "fails" } },
);

containerTest("ps refuses a container that does not exist", async (box) => {
  const result = await box.runtime(["ps", box.id]);
  assert.notEqual(result.status, 0);
});

/** A container of two processes. */
async function runTwo(box: TestBox): Promise<void> {
  const output = await box.started(["spawn"], ["sleep", "60000"]);
  await output.waitForOutput(/\n/);
}
