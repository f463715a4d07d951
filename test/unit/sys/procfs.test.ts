import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { close, pipe } from "../../../src/sys/descriptors.ts";
import { openFile } from "../../../src/sys/files.ts";
import { kill, spawnFd, waitPid } from "../../../src/sys/processes.ts";
import * as procfs from "../../../src/sys/procfs.ts";

const FIELDS = "S 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456789 1000 200 18446744073709551615";

test("parseProcessStat finds the fields when the name holds spaces and parentheses", () => {
  for (const name of ["sh", "a b", "a) R 1 (b", ")", ""]) {
    const stat = procfs.parseProcessStat(`42 (${name}) ${FIELDS}\n`);
    assert.deepEqual(stat, { state: "S", ppid: 7, startTime: 123456789 });
  }
});

test("processStat tells of this process and nothing of a missing one", () => {
  const stat = procfs.processStat(process.pid);
  assert.equal(stat?.ppid, process.ppid);
  assert.ok(Number.isSafeInteger(stat?.startTime));
  assert.equal(procfs.processStat(4194304), undefined);
});

test("isProcessAlive is false when the start time is another's and when the process is a zombie", () => {
  const startTime = procfs.processStat(process.pid)?.startTime ?? 0;
  assert.equal(procfs.isProcessAlive(process.pid, startTime), true);
  assert.equal(procfs.isProcessAlive(process.pid, startTime + 1), false);
  assert.equal(procfs.isProcessAlive(4194304, startTime), false);
  assert.equal(isZombieAlive(), false);
});

/** A child that has ended and is not waited for yet: its end is seen at its end of the pipe. */
function isZombieAlive(): boolean {
  const program = openFile("/bin/true", 0);
  const [reader, writer] = pipe();
  const pid = spawnFd({ fd: program, argv: ["true"], env: [], keepFds: [writer], fds: [] });
  close(writer);
  while (procfs.processStat(pid)?.state !== "Z");
  const alive = procfs.isProcessAlive(pid, procfs.processStat(pid)?.startTime ?? 0);
  waitPid(pid, true);
  close(reader);
  close(program);
  return alive;
}

test("signalProcess signals the process it knows and not its successor", async () => {
  const child = spawn("sleep", ["100"]);
  assert.ok(child.pid !== undefined);
  const startTime = procfs.processStat(child.pid)?.startTime ?? 0;
  assert.equal(procfs.signalProcess(child.pid, startTime + 1, 9), false);
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  assert.equal(procfs.signalProcess(child.pid, startTime, 15), true);
  assert.equal(await ended, "SIGTERM");
  assert.equal(procfs.signalProcess(child.pid, startTime, 9), false);
});

test("processStatus gives the fields by name", () => {
  const status = procfs.processStatus(process.pid);
  assert.equal(status?.Pid, String(process.pid));
  assert.equal(status?.Umask?.length, 4);
  assert.equal(procfs.processStatus(4194304), undefined);
});

test("processArguments gives the arguments, empty ones too", () => {
  const program = openFile("/bin/sleep", 0);
  const pid = spawnFd({ fd: program, argv: ["", "100", "0"], env: [], keepFds: [], fds: [] });
  try {
    // The kernel wakes the parent a moment before it knows the child's arguments.
    while (procfs.processArguments(pid)?.length === 0);
    assert.deepEqual(procfs.processArguments(pid), ["", "100", "0"]);
  } finally {
    kill(pid, 9);
    waitPid(pid, true);
    close(program);
  }
  assert.equal(procfs.processArguments(4194304), undefined);
});
