import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, formatLogEntry, type LogEntry } from "../../../src/base/log.ts";

const TIME = "2026-11-21T10:00:00.123Z";
const entry = (msg: string): LogEntry => ({ level: "error", msg, time: TIME, fields: { code: "ERR_USAGE" } });

test("formatLogEntry writes one JSON object with level, msg and time when the format is json", () => {
  const line = formatLogEntry(entry('no "uts"\nnamespace'), "json");
  assert.equal(line, `{"level":"error","msg":"no \\"uts\\"\\nnamespace","time":"${TIME}","code":"ERR_USAGE"}\n`);
});

test("formatLogEntry keeps level, msg and time when a field has the same name", () => {
  const line = formatLogEntry({ ...entry("true"), fields: { msg: "false", level: "debug", time: "" } }, "json");
  assert.deepEqual(JSON.parse(line), { level: "error", msg: "true", time: TIME });
});

for (const [msg, shown] of [
  ["stopped", "stopped"],
  ["/run/a_b-c.d@1+2^3", "/run/a_b-c.d@1+2^3"],
  ["two words", '"two words"'],
  ['a "b"\n\u001b', '"a \\"b\\"\\n\\u001b"'],
  ["", '""'],
] as const) {
  test(`formatLogEntry writes ${JSON.stringify(msg)} as logrus does when the format is text`, () => {
    assert.equal(formatLogEntry(entry(msg), "text"), `time="${TIME}" level=error msg=${shown}\n`);
  });
}

test("createLogger drops entries that are louder than its level", () => {
  const levels = (level: "error" | "warning" | "debug") => {
    const written: string[] = [];
    const logger = createLogger({ level, now: () => TIME, write: (one) => written.push(one.level) });
    logger.debug("d");
    logger.warning("w");
    logger.error("e", { code: "ERR_USAGE" });
    return written;
  };
  assert.deepEqual(levels("error"), ["error"]);
  assert.deepEqual(levels("warning"), ["warning", "error"]);
  assert.deepEqual(levels("debug"), ["debug", "warning", "error"]);
});

test("createLogger stamps an entry with the time and passes its fields on", () => {
  const written: LogEntry[] = [];
  const logger = createLogger({ level: "debug", now: () => TIME, write: (one) => written.push(one) });
  logger.error("broken", { code: "ERR_USAGE" });
  logger.debug("quiet");
  assert.deepEqual(written, [entry("broken"), { level: "debug", msg: "quiet", time: TIME }]);
});
