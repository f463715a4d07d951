import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { statusOf } from "../../../src/state/liveness.ts";
import type { StoredState } from "../../../src/state/schema.ts";
import { close } from "../../../src/sys/descriptors.ts";
import { lockDir } from "../../../src/sys/files.ts";
import { processStat } from "../../../src/sys/procfs.ts";

const scratch = mkdtempSync(join(tmpdir(), "liveness-test-"));
const running: ChildProcess = spawn("sleep", ["100"]);
after(() => {
  running.kill("SIGKILL");
  rmSync(scratch, { recursive: true });
});

let count = 0;
/** A directory with these files, and the state of a container whose process is `sleep`. */
function container(files: Readonly<Record<string, string>>, more: Partial<StoredState> = {}): [StoredState, string] {
  const directory = join(scratch, String(count++));
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const pid = running.pid ?? 0;
  const state: StoredState = {
    version: 1,
    phase: "created",
    id: "c1",
    ociVersion: "1.3.0",
    pid,
    startTime: processStat(pid)?.startTime ?? 0,
    bundle: "/b",
    rootfs: "/b/r",
    created: "",
    owner: "root",
    cgroup: { v1: {} },
    ...more,
  };
  return [state, directory];
}

test("statusOf is running when the process lives and nobody has to start it", () => {
  assert.equal(statusOf(...container({})), "running");
});

test("statusOf is created when the process lives and waits at the start socket", () => {
  assert.equal(statusOf(...container({ "start.sock": "" })), "created");
});

test("statusOf is stopped when the process is gone, or its pid is another's", () => {
  assert.equal(statusOf(...container({ "start.sock": "" }, { pid: 4194304 })), "stopped");
  assert.equal(statusOf(...container({}, { startTime: 1 })), "stopped");
});

test("statusOf is paused when the freezer of its cgroup says so", () => {
  for (const [text, status] of [
    ["FROZEN\n", "paused"],
    ["FREEZING\n", "paused"],
    ["THAWED\n", "running"],
  ] as const) {
    const [state, directory] = container({ "freezer.state": text });
    assert.equal(statusOf({ ...state, cgroup: { v1: { freezer: directory } } }, directory), status);
  }
});

test("statusOf is paused when the v2 cgroup is frozen", () => {
  for (const [text, status] of [
    ["populated 1\nfrozen 1\n", "paused"],
    ["populated 1\nfrozen 0\n", "running"],
  ] as const) {
    const [state, directory] = container({ "cgroup.events": text });
    assert.equal(statusOf({ ...state, cgroup: { v1: {}, v2: directory } }, directory), status);
  }
});

test("statusOf is running when the cgroup is gone", () => {
  assert.equal(statusOf(...container({}, { cgroup: { v1: { freezer: "/nowhere" }, v2: "/nowhere" } })), "running");
});

test("statusOf is creating while the creator holds the lock, and stopped when it died", () => {
  const [state, directory] = container({}, { phase: "creating", pid: 0, startTime: 0 });
  const lock = lockDir(directory);
  assert.equal(statusOf(state, directory), "creating");
  assert.equal(statusOf(state, directory, true), "stopped");
  close(lock);
  assert.equal(statusOf(state, directory), "stopped");
});
