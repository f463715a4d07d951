import assert from "node:assert/strict";
import { mkdtempSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { processHost } from "../../../src/bin/process-host.ts";

const host = processHost();

test("processHost tells the time as RFC 3339 in UTC", () => {
  assert.match(host.now(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("processHost names the engine and the command that starts the program again", () => {
  assert.match(host.engine, /^(node|bun) \d+\.\d+\.\d+/);
  assert.deepEqual(host.selfArgv, [process.execPath, process.argv[1]]);
});

test("processHost tells the first user namespace by its map", () => {
  const isFirst = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync("/proc/self/uid_map", "utf8"));
  assert.equal(host.isInUserNamespace(), !isFirst);
});

test("processHost is in a directory without the caller's files when its own has been removed", () => {
  const before = process.cwd();
  const gone = mkdtempSync(join(tmpdir(), "mydocker-host-"));
  process.chdir(gone);
  rmSync(gone, { recursive: true });
  try {
    assert.equal(host.cwd(), "/proc");
  } finally {
    process.chdir(before);
  }
});

test("processHost takes no file for a terminal", () => {
  assert.equal(host.isTerminal(openSync("/dev/null", "r")), false);
});

test("processHost writes all of a text, and appends to a log that others may read", () => {
  const directory = mkdtempSync(join(tmpdir(), "mydocker-host-"));
  try {
    const text = "é\n".repeat(100_000);
    const file = join(directory, "out");
    host.write(openSync(file, "w"), text);
    assert.equal(readFileSync(file, "utf8"), text);
    const log = join(directory, "log");
    host.append(log, "one\n");
    host.append(log, "two\n");
    assert.equal(readFileSync(log, "utf8"), "one\ntwo\n");
    assert.equal(statSync(log).mode & 0o777, 0o644 & ~process.umask());
  } finally {
    rmSync(directory, { recursive: true });
  }
});
