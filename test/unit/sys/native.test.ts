import assert from "node:assert/strict";
import { test } from "node:test";
import { RuntimeError, SystemError } from "../../../src/base/errors.ts";
import { attempt } from "../../../src/sys/native.ts";

function failureOf(call: () => unknown): SystemError {
  try {
    call();
  } catch (error) {
    if (error instanceof SystemError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "the call did not fail" });
}

test("attempt gives what the addon gives when the call succeeds", () => {
  assert.equal(
    attempt("read", (addon) => addon.readText("/proc/self/stat", 4096, false))?.startsWith(`${process.pid} (`),
    true,
  );
});

test("attempt throws a sentence with the action, the reason and errno's name when the call fails", () => {
  const error = failureOf(() => attempt('read "/proc"', (addon) => addon.readText("/proc", 10, false)));
  assert.equal(error.message, 'Cannot read "/proc": is a directory (EISDIR)');
  assert.equal(error.code, "ERR_SYSTEM");
  assert.deepEqual(error.failure, { syscall: "read", errno: 21, path: "/proc" });
});

test("attempt does not use the C library's words when a file is missing", () => {
  const call = () => attempt('read "/nowhere"', (addon) => addon.readText("/nowhere", 10, false));
  assert.equal(failureOf(call).message, 'Cannot read "/nowhere": it does not exist (ENOENT)');
  const other = () => attempt("read it", (addon) => addon.readText("/nowhere", 10, false), "its disk is gone");
  assert.equal(failureOf(other).message, "Cannot read it: its disk is gone (ENOENT)");
});

test("attempt lets other errors through when the caller's own code throws", () => {
  const mistake = new RuntimeError("ERR_INTERNAL", "mistake");
  assert.throws(
    () =>
      attempt("do", () => {
        throw mistake;
      }),
    mistake,
  );
});

test("the addon refuses paths when they are empty, too long or hold a NUL", () => {
  for (const [path, errno] of [
    ["", 2],
    ["/tmp\0/x", 22],
    [`/${"x".repeat(5000)}`, 36],
  ] as const) {
    assert.equal(failureOf(() => attempt("look", (addon) => addon.fileMode(path))).failure.errno, errno);
  }
});

test("the addon takes paths that are not ASCII", () => {
  const error = failureOf(() => attempt("look", (addon) => addon.listDir("/nowhere/grün-目录", false)));
  assert.equal(error.failure.path, "/nowhere/grün-目录");
});
