import assert from "node:assert/strict";
import { test } from "node:test";
import { RuntimeError, StateError, SystemError, UsageError } from "../../../src/base/errors.ts";
import { ConfigError, type Problem } from "../../../src/base/problem.ts";
import { reportError } from "../../../src/cli/report-error.ts";

const CWD_PROBLEM: Problem = {
  code: "CWD_ABSOLUTE",
  severity: "error",
  pointer: "/process/cwd",
  value: '"tmp"',
  message: "must be an absolute path",
  fix: 'write "/tmp"',
  spec: "config.md#process",
};
const KEY_PROBLEM: Problem = {
  code: "UNKNOWN_KEY",
  severity: "warning",
  pointer: "/mount",
  message: 'is unknown: did you mean "mounts"?',
};

function line(thrown: unknown): string {
  return reportError(thrown).line;
}

test("reportError says where and how to mend it", () => {
  const error = new RuntimeError("ERR_BUNDLE", 'Cannot set hostname "a": the config has no uts namespace', {
    pointer: "/hostname",
    spec: "config.md#hostname",
    fix: 'add {"type":"uts"} to /linux/namespaces',
  });
  assert.deepEqual(reportError(error), {
    line:
      'Cannot set hostname "a": the config has no uts namespace (/hostname, config.md#hostname); ' +
      'fix: add {"type":"uts"} to /linux/namespaces',
    text:
      'Cannot set hostname "a": the config has no uts namespace (/hostname, config.md#hostname); ' +
      'fix: add {"type":"uts"} to /linux/namespaces',
    fields: {
      code: "ERR_BUNDLE",
      pointer: "/hostname",
      spec: "config.md#hostname",
      fix: 'add {"type":"uts"} to /linux/namespaces',
    },
  });
});

test("reportError does not repeat a flag or fix that the sentence has already", () => {
  const error = new UsageError("--root must not be empty: name a directory", {
    flag: "--root",
    fix: "name a directory",
  });
  assert.equal(line(error), "--root must not be empty: name a directory");
});

test("reportError tells the whole chain of causes, and a message that is quoted already once only", () => {
  const innermost = new SystemError('Cannot open "/x": permission denied (EACCES)', { syscall: "open", errno: 13 });
  const middle = new RuntimeError("ERR_BUNDLE", `Cannot read the bundle: ${innermost.message}`, { cause: innermost });
  const outer = new RuntimeError("ERR_STEP", 'Cannot create "c1"', { cause: middle });
  assert.equal(line(outer), 'Cannot create "c1": Cannot read the bundle: Cannot open "/x": permission denied (EACCES)');
});

test("reportError takes place and fix from the outermost error that has them", () => {
  const inner = new RuntimeError("ERR_STEP", "inner", { pointer: "/mounts/0", flag: "--no-pivot", fix: "inner fix" });
  const outer = new RuntimeError("ERR_BUNDLE", "outer", { pointer: "/root", cause: inner });
  assert.equal(line(outer), "outer: inner (/root, --no-pivot); fix: inner fix");
});

test("reportError puts all problems of a config into one line, and a line each for a person", () => {
  const report = reportError(new ConfigError("config.json breaks the spec", [CWD_PROBLEM, KEY_PROBLEM]));
  assert.equal(
    report.line,
    'config.json breaks the spec: (1) /process/cwd: "tmp" must be an absolute path (config.md#process); fix: write "/tmp"; ' +
      '(2) warning: /mount: is unknown: did you mean "mounts"?',
  );
  assert.equal(
    report.text,
    'config.json breaks the spec:\n  /process/cwd: "tmp" must be an absolute path (config.md#process); fix: write "/tmp"\n' +
      '  warning: /mount: is unknown: did you mean "mounts"?',
  );
  assert.deepEqual(report.fields, { code: "ERR_CONFIG_INVALID", problems: [CWD_PROBLEM, KEY_PROBLEM] });
});

test("reportError says a single problem in the sentence", () => {
  const report = reportError(new ConfigError("config.json breaks the spec", [CWD_PROBLEM]));
  const sentence =
    'config.json breaks the spec: /process/cwd: "tmp" must be an absolute path (config.md#process); fix: write "/tmp"';
  assert.deepEqual([report.line, report.text], [sentence, sentence]);
});

test("reportError names what went wrong while cleaning up, after the cause", () => {
  const error = new StateError("ERR_CONTAINER_STATUS", "container not running");
  const cause = new SystemError('Cannot remove "/x": device or resource busy (EBUSY)', { syscall: "rmdir", errno: 16 });
  error.cleanup.push(
    new RuntimeError("ERR_STEP", "the cgroup stays", { cause }),
    new RuntimeError("ERR_STEP", "two\nlines"),
  );
  const sentences = ['the cgroup stays: Cannot remove "/x": device or resource busy (EBUSY)', "two | lines"];
  const report = reportError(error);
  assert.equal(report.line, `container not running; cleaning up failed too: ${sentences.join("; ")}`);
  assert.deepEqual(report.fields, { code: "ERR_CONTAINER_STATUS", cleanup: sentences });
});

test("reportError keeps one line when a message has several", () => {
  const error = new RuntimeError("ERR_STEP", 'hook "/h" ended with exit status 1: a\r\n\n  b\n');
  assert.equal(line(error), 'hook "/h" ended with exit status 1: a | b');
});

test("reportError shows control characters instead of sending them", () => {
  const error = new RuntimeError("ERR_STEP", "id \u001b[2J\u0007\u009b\u2028\u00e9");
  assert.equal(line(error), "id \\x1b[2J\\x07\\x9b\\u2028\u00e9");
});

test("reportError keeps the words for a missing command to sentences about a command", () => {
  const command = new RuntimeError("ERR_STEP", 'exec: "/nosuch": execve /nosuch: no such file or directory');
  const file = new Error("ENOENT: no such file or directory, open '/x'");
  assert.match(line(command), /no such file or directory/);
  assert.doesNotMatch(line(new RuntimeError("ERR_BUNDLE", "Cannot read it", { cause: file })), /no such file/i);
  assert.equal(
    line(new RuntimeError("ERR_BUNDLE", "Cannot read it", { cause: file })),
    "Cannot read it: ENOENT: it does not exist, open '/x'",
  );
});

test("reportError calls what was not thrown on purpose a bug", () => {
  assert.equal(
    line(new TypeError("x is not a function")),
    "internal error: TypeError: x is not a function (a bug of mydocker-runtime: --debug shows where)",
  );
  assert.deepEqual(reportError("text").fields, { code: "ERR_INTERNAL" });
  assert.match(line("text"), /text/);
  assert.match(line(undefined), /undefined/);
});

test("reportError ends when an error causes itself", () => {
  const error = new RuntimeError("ERR_STEP", "round and round");
  error.cause = error;
  assert.equal(line(error), "round and round");
});
