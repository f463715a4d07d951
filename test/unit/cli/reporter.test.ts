import assert from "node:assert/strict";
import { test } from "node:test";
import { RuntimeError } from "../../../src/base/errors.ts";
import { ConfigError, type Problem } from "../../../src/base/problem.ts";
import type { Host } from "../../../src/cli/host.ts";
import { createReporter, type ReportFlags } from "../../../src/cli/reporter.ts";
import { fakeHost, NOW, type Written } from "./fake-host.ts";

const ERROR = new RuntimeError("ERR_BUNDLE", "it broke", { fix: "mend it" });
const LINE = "it broke; fix: mend it";
const PROBLEMS: readonly Problem[] = ["/a", "/b"].map((pointer) => ({
  code: "WRONG",
  severity: "error",
  pointer: pointer as "/a" | "/b",
  message: "is wrong",
}));
const CONFIG_ERROR = new ConfigError("the config is wrong", PROBLEMS);

function report(flags: ReportFlags, thrown: unknown, parts: Partial<Host> = {}): Written {
  const host = fakeHost({}, parts);
  const reporter = createReporter(flags, host);
  reporter.debug("looking");
  reporter.warn("careful");
  reporter.fail(thrown);
  return host.written;
}

function entries(text: string | undefined): readonly unknown[] {
  return (text ?? "")
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}

test("a reporter writes plain sentences to stderr when there is no log", () => {
  const { stderr, stdout } = report({}, ERROR);
  assert.equal(stderr, `mydocker-runtime: warning: careful\nmydocker-runtime: ${LINE}\n`);
  assert.equal(stdout, "");
});

test("a reporter writes a line for each problem when there is no log", () => {
  const { stderr } = report({ "log-level": "error" }, CONFIG_ERROR);
  assert.equal(stderr, "mydocker-runtime: the config is wrong:\n  /a: is wrong\n  /b: is wrong\n");
});

test("a reporter writes entries to stderr when JSON is asked for and there is no log", () => {
  const { stderr } = report({ "log-format": "json" }, ERROR);
  assert.deepEqual(entries(stderr), [
    { level: "warning", msg: "careful", time: NOW },
    { level: "error", msg: LINE, time: NOW, code: "ERR_BUNDLE", fix: "mend it" },
  ]);
});

test("a reporter appends one error entry to the log, the last one, and prints the failure on stderr too", () => {
  const { stderr, files } = report({ log: "/log", "log-format": "json" }, ERROR);
  assert.deepEqual(entries(files.get("/log")), [
    { level: "warning", msg: "careful", time: NOW },
    { level: "error", msg: LINE, time: NOW, code: "ERR_BUNDLE", fix: "mend it" },
  ]);
  assert.equal(stderr, `mydocker-runtime: ${LINE}\n`);
});

test("a reporter writes logrus's text when the log is a text", () => {
  const { files } = report({ log: "/log" }, ERROR);
  assert.equal(files.get("/log"), `time="${NOW}" level=warning msg=careful\ntime="${NOW}" level=error msg="${LINE}"\n`);
});

test("a reporter prints one line on stderr when there is a log, but a line for each problem on a terminal", () => {
  const flags = { log: "/log", "log-format": "json", "log-level": "error" } as const;
  assert.equal(
    report(flags, CONFIG_ERROR).stderr,
    "mydocker-runtime: the config is wrong: (1) /a: is wrong; (2) /b: is wrong\n",
  );
  assert.equal(
    report(flags, CONFIG_ERROR, { isTerminal: (fd) => fd === 2 }).stderr,
    "mydocker-runtime: the config is wrong:\n  /a: is wrong\n  /b: is wrong\n",
  );
});

test("a reporter writes the stack before the error when debugging", () => {
  for (const flags of [{ debug: true }, { "log-level": "debug" }] as const) {
    const { files } = report({ ...flags, log: "/log", "log-format": "json" }, ERROR);
    const levels = entries(files.get("/log")).map((entry) => Object(entry).level);
    assert.deepEqual(levels, ["debug", "warning", "debug", "error"]);
    assert.match(files.get("/log") ?? "", /reporter\.test/);
  }
});

test("a reporter takes an empty --log for none", () => {
  const { stderr, files } = report({ log: "", "log-level": "error" }, ERROR);
  assert.deepEqual([stderr, files.size], [`mydocker-runtime: ${LINE}\n`, 0]);
});

test("a reporter says once that the log cannot be written, and reports the failure on stderr all the same", () => {
  const append = () => {
    throw new RuntimeError("ERR_SYSTEM", 'Cannot append to "/log": its directory does not exist (ENOENT)');
  };
  assert.equal(
    report({ log: "/log" }, ERROR, { append }).stderr,
    'mydocker-runtime: warning: Cannot append to "/log": its directory does not exist (ENOENT)\n' +
      `mydocker-runtime: ${LINE}\n`,
  );
});
