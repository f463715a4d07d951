import assert from "node:assert/strict";
import { test } from "node:test";
import { StateError } from "../../../src/base/errors.ts";
import { parseJournal, type UndoEntry } from "../../../src/state/journal.ts";

const ENTRIES: readonly UndoEntry[] = [
  { undo: "cgroup.rmdir", path: "/sys/fs/cgroup/pids/c1" },
  { undo: "kill", pid: 42, startTime: 4711 },
  { undo: "rootfs.remove", path: '/dev/"console"\n' },
  { undo: "unlink", path: "/run/c1.pid" },
  { undo: "rmdir", path: "/run/c1" },
];

/** As the static program writes it. */
const render = (entry: UndoEntry): string => `${JSON.stringify(entry)}\n`;

const TEXT = ENTRIES.map(render).join("");
const PATH = "/run/x/c1/journal.jsonl";

test("parseJournal gives the entries in the order of their writing", () => {
  assert.deepEqual(parseJournal(TEXT, PATH), ENTRIES);
  assert.deepEqual(parseJournal("", PATH), []);
});

test("parseJournal leaves out the last line wherever a crash tore it", () => {
  const last = render(ENTRIES[4] ?? { undo: "unlink", path: "/" });
  for (let length = 0; length < last.length; length++) {
    const torn = TEXT.slice(0, TEXT.length - last.length + length);
    assert.deepEqual(parseJournal(torn, PATH), ENTRIES.slice(0, 4));
  }
});

const DAMAGED = [
  "",
  "{",
  "null",
  "[]",
  '"kill"',
  '{"undo":"explode","path":"/x"}',
  '{"undo":"unlink"}',
  '{"undo":"unlink","path":""}',
  '{"undo":"unlink","path":7}',
  '{"undo":"kill","pid":0,"startTime":1}',
  '{"undo":"kill","pid":-1,"startTime":1}',
  '{"undo":"kill","pid":"1","startTime":1}',
  '{"undo":"kill","pid":1}',
];

for (const line of DAMAGED) {
  test(`parseJournal names the line when a whole line reads ${JSON.stringify(line)}`, () => {
    assert.throws(
      () => parseJournal(`${TEXT}${line}\n${TEXT}`, PATH),
      (error) => {
        assert.ok(error instanceof StateError);
        assert.equal(error.code, "ERR_STATE_CORRUPT");
        assert.equal(error.message, `Cannot undo what line 6 of "${PATH}" says: ${JSON.stringify(line)}`);
        return true;
      },
    );
  });
}
