import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import type { RunningProgram } from "../helpers/run-program.ts";
import type { TestBox } from "../helpers/test-box.ts";

const SPELLINGS: readonly (readonly [spelling: string, number: number])[] = [
  ["TERM", 15],
  ["SIGTERM", 15],
  ["15", 15],
  ["USR1", 10],
  ["SIGUSR2", 12],
  ["1", 1],
  ["RTMIN+3", 37],
];

for (const [spelling, number] of SPELLINGS) {
  containerTest(
    `kill sends ${number} for "${spelling}"`,
    async (box) => {
      const output = await startSignalReader(box, 1);
      await box.must("kill", spelling);
      await output.waitForOutput(new RegExp(`"signal":${number},`));
    },
    spelling.startsWith("RTMIN")
      ? { peerDeviations: { runc: "knows no real-time names", crun: "knows no real-time names" } }
      : {},
  );
}

containerTest(
  "kill understands names in lower case",
  async (box) => {
    const output = await startSignalReader(box, 1);
    await box.must("kill", "sigusr1");
    await output.waitForOutput(/"signal":10,/);
  },
  { peerDeviations: { crun: "1.8.1 knows capitals only" } },
);

containerTest("kill sends TERM when no signal is named", async (box) => {
  const output = await startSignalReader(box, 1);
  await box.must("kill");
  await output.waitForOutput(/"signal":15,/);
});

containerTest(
  "a created container ends by a signal that ends programs, although nobody handles it",
  async (box) => {
    for (const signal of ["TERM", "INT", "HUP", "QUIT", "USR1"]) {
      await box.created();
      await box.must("kill", signal);
      await box.waitForStatus("stopped");
      await box.must("delete");
    }
  },
  { peerDeviations: { crun: "1.8.1 takes no notice" } },
);

containerTest("kill reaches a created container", async (box) => {
  await box.created();
  await box.must("kill", "KILL");
  await box.waitForStatus("stopped");
});

containerTest(
  "kill refuses a container that has stopped",
  async (box) => {
    await box.created();
    await box.must("start");
    await box.waitForStatus("stopped");
    const result = await box.runtime(["kill", box.id, "TERM"]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /container not running/);
  },
  { peerDeviations: { crun: "shows the failed system call" } },
);

containerTest(
  "kill refuses a container that does not exist",
  async (box) => {
    const result = await box.runtime(["kill", box.id, "9"]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /does not exist/);
  },
  { peerDeviations: { crun: "1.8.1 shows the failed open of its status file" } },
);

for (const signal of ["NOSIG", "SIG", "-1", "0x9", "99", "1.5"]) {
  containerTest(
    `kill refuses the signal "${signal}" by name and sends nothing`,
    async (box) => {
      await box.started(["sleep", "60000"]);
      const result = await box.runtime(["kill", "--", box.id, signal]);
      assert.notEqual(result.status, 0);
      assert.ok(result.stderr.includes(signal), result.stderr);
      assert.equal((await box.state()).status, "running");
    },
    { peerDeviations: { crun: "1.8.1 succeeds", ...(/^-?\d+$/.test(signal) ? { runc: "tries any number" } : {}) } },
  );
}

for (const flag of ["--all", "-a"]) {
  containerTest(`kill ${flag} reaches every process of a container without a pid namespace`, async (box) => {
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
    await withoutInit(box);
    await box.must("kill", flag, "KILL");
    await box.assertNoProcesses();
  });
}

const KILLS_THE_INIT = { runc: "1.1.5 kills the init only", crun: "1.8.1 kills the init only" };

containerTest(
  "kill KILL reaches every process of a container without a pid namespace",
  async (box) => {
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
    await spawnedChild(box);
    await box.must("kill", "KILL");
    await box.assertNoProcesses();
  },
  { peerDeviations: KILLS_THE_INIT },
);

containerTest(
  "kill KILL reaches what is left of a container without a pid namespace, and then there is nothing to kill",
  async (box) => {
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
    await withoutInit(box);
    await box.must("kill", "KILL");
    await box.assertNoProcesses();
    assert.match((await box.runtime(["kill", box.id, "KILL"])).stderr, /container not running/);
  },
  { peerDeviations: KILLS_THE_INIT },
);

containerTest(
  "kill 0 sends nothing, and says whether there is a container to send to",
  async (box) => {
    await box.started(["sleep", "60000"]);
    await box.must("kill", "0");
    assert.equal((await box.state()).status, "running");
    await box.must("kill", "KILL");
    await box.waitForStatus("stopped");
    assert.match((await box.runtime(["kill", box.id, "0"])).stderr, /container not running/);
  },
  { peerDeviations: { crun: "shows the failed system call" } },
);

/** Leaves a container without its init: a second process of its goes on. */
async function withoutInit(box: TestBox): Promise<void> {
  const { stdout } = await spawnedChild(box);
  const child = Number.parseInt(stdout, 10);
  await box.must("kill", "TERM");
  await box.waitForStatus("stopped");
  assert.ok(existsSync(`/proc/${child}`));
}

/** A container whose output is the pid of a second process. */
async function spawnedChild(box: TestBox): Promise<RunningProgram> {
  const output = await box.started(["spawn"], ["sleep", "60000"]);
  await output.waitForOutput(/^\d+\n/);
  return output;
}

async function startSignalReader(box: TestBox, count: number): Promise<RunningProgram> {
  const output = await box.started(["signals", String(count)]);
  await output.waitForOutput(/ready/);
  return output;
}
