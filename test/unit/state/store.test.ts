import assert from "node:assert/strict";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ErrorCode, RuntimeError, StateError } from "../../../src/base/errors.ts";
import type { StoredState } from "../../../src/state/schema.ts";
import * as store from "../../../src/state/store.ts";
import { close } from "../../../src/sys/descriptors.ts";
import { tryLockDir } from "../../../src/sys/files.ts";

const scratch = mkdtempSync(join(tmpdir(), "store-test-"));
after(() => rmSync(scratch, { recursive: true }));

let count = 0;
function freshRoot(): string {
  return join(scratch, `root${count++}`, "below");
}

function stateOf(id: string): StoredState {
  return {
    version: 1,
    phase: "creating",
    id,
    ociVersion: "1.3.0",
    pid: 0,
    startTime: 0,
    bundle: "/b",
    rootfs: "/b/r",
    created: "2026-11-21T10:00:00.000Z",
    owner: "root",
    cgroup: { v1: {} },
  };
}

function claim(root: string, id: string): store.OpenContainer {
  return store.claimContainer(root, stateOf(id), '{"ociVersion":"1.3.0"}');
}

function throwsCode(call: () => unknown, code: ErrorCode, message: RegExp): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof RuntimeError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /no such file or directory/);
    return true;
  });
}

test("checkId takes what names a directory and refuses the rest", () => {
  for (const id of ["a", "A-1_b+c.d", "...", "-x", "x".repeat(255)]) store.checkId(id);
  for (const id of ["", ".", "..", "a/b", "a b", "ä", "a\n", "a\0", "~", "x".repeat(256)]) {
    throwsCode(() => store.checkId(id), "ERR_INVALID_ID", /^invalid container ID format/);
  }
});

test("claimContainer makes the root and the container with modes that keep others out", () => {
  const root = freshRoot();
  const { directory, lockFd } = claim(root, "c1");
  assert.equal(lstatSync(root).mode & 0o777, 0o711);
  assert.equal(lstatSync(directory).mode & 0o777, 0o700);
  for (const name of readdirSync(directory)) assert.equal(lstatSync(join(directory, name)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory).sort(), ["config.json", "journal.jsonl", "state.json"]);
  assert.deepEqual(store.readState(root, "c1"), stateOf("c1"));
  assert.equal(store.readStoredConfig(root, "c1"), '{"ociVersion":"1.3.0"}');
  assert.deepEqual(store.readJournal(directory), []);
  close(lockFd);
});

test("claimContainer holds the lock until its descriptor is closed", () => {
  const root = freshRoot();
  const { directory, lockFd } = claim(root, "c1");
  assert.equal(tryLockDir(directory), undefined);
  close(lockFd);
  close(store.openContainer(root, "c1").lockFd);
});

test("claimContainer refuses an id that is taken and leaves the container alone", () => {
  const root = freshRoot();
  close(claim(root, "c1").lockFd);
  throwsCode(() => claim(root, "c1"), "ERR_CONTAINER_EXISTS", /^container with given ID already exists/);
  assert.deepEqual(store.readState(root, "c1"), stateOf("c1"));
});

test("claimContainer leaves nothing when it cannot be finished", () => {
  const root = freshRoot();
  // JSON cannot say this number, so that the state cannot be written: a failure behind the claim.
  const state = { ...stateOf("c1"), annotations: { a: 1n as unknown as string } };
  assert.throws(() => store.claimContainer(root, state, ""), TypeError);
  assert.deepEqual(readdirSync(root), []);
});

test("claimContainer refuses an id that would leave the root", () => {
  throwsCode(() => claim(freshRoot(), ".."), "ERR_INVALID_ID", /invalid container ID format/);
});

test("openContainer and readState say that a container does not exist", () => {
  const root = freshRoot();
  for (const call of [() => store.openContainer(root, "c1"), () => store.readState(root, "c1")]) {
    throwsCode(call, "ERR_CONTAINER_NOT_FOUND", /container does not exist/);
  }
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "file"), "");
  for (const call of [() => store.openContainer(root, "file"), () => store.readState(root, "file")]) {
    throwsCode(call, "ERR_CONTAINER_NOT_FOUND", /container does not exist/);
  }
});

test("readState tells a damaged container from a missing one, and it can still be opened and removed", () => {
  const root = freshRoot();
  mkdirSync(join(root, "half"), { recursive: true });
  throwsCode(
    () => store.readState(root, "half"),
    "ERR_STATE_CORRUPT",
    /^Cannot use container "half": its ".*state.json"/,
  );
  writeFileSync(join(root, "half", "state.json"), '{"pid":');
  throwsCode(
    () => store.readState(root, "half"),
    "ERR_STATE_CORRUPT",
    /^Cannot use the state file ".*": it is no JSON/,
  );
  const { directory, lockFd } = store.openContainer(root, "half");
  assert.deepEqual(store.readJournal(directory), []);
  assert.equal(store.readStoredConfig(root, "half"), "");
  store.removeStateDirectory(directory);
  close(lockFd);
  assert.deepEqual(store.containerIds(root), []);
});

test("readJournal gives what was appended", () => {
  const root = freshRoot();
  const { directory, lockFd } = claim(root, "c1");
  const entry = { undo: "unlink", path: "/x" } as const;
  writeFileSync(join(directory, "journal.jsonl"), `${JSON.stringify(entry)}\n{"undo`);
  assert.deepEqual(store.readJournal(directory), [entry]);
  close(lockFd);
});

test("containerIds is sorted, and empty when there is no root", () => {
  const root = freshRoot();
  assert.deepEqual(store.containerIds(root), []);
  for (const id of ["b", "a", "c"]) close(claim(root, id).lockFd);
  assert.deepEqual(store.containerIds(root), ["a", "b", "c"]);
});

test("removeStateDirectory removes what a killed writer left, and is content when all is gone", () => {
  const root = freshRoot();
  const { directory, lockFd } = claim(root, "c1");
  for (const name of ["start.sock", ".state.json.4711", ".x"]) writeFileSync(join(directory, name), "");
  store.removeStateDirectory(directory);
  store.removeStateDirectory(directory);
  close(lockFd);
  assert.deepEqual(readdirSync(root), []);
});

test("removeStateDirectory leaves the state when something else cannot be removed", () => {
  const root = freshRoot();
  const { directory, lockFd } = claim(root, "c1");
  mkdirSync(join(directory, "unexpected"));
  assert.throws(() => store.removeStateDirectory(directory), RuntimeError);
  assert.ok(readFileSync(join(directory, "state.json"), "utf8").includes('"c1"'));
  close(lockFd);
});

test("every refusal of the store is a StateError, which callers catch", () => {
  const root = freshRoot();
  assert.throws(() => store.checkId(""), StateError);
  assert.throws(() => store.readState(root, "c1"), StateError);
});
