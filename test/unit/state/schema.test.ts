import assert from "node:assert/strict";
import { test } from "node:test";
import { StateError } from "../../../src/base/errors.ts";
import { parseState, renderState, renderStatePieces, type StoredState } from "../../../src/state/schema.ts";

const STATE: StoredState = {
  version: 1,
  phase: "created",
  id: "c1",
  ociVersion: "1.3.0",
  pid: 4242,
  startTime: 987654321,
  bundle: '/bundles/with "quotes"',
  rootfs: "/bundles/rootfs",
  created: "2026-11-21T10:00:00.000Z",
  owner: "root",
  annotations: { '","pid":': "tricky" },
  cgroup: { v1: { memory: "/sys/fs/cgroup/memory/c1" }, v2: "/sys/fs/cgroup/unified/c1" },
};

const PATH = "/run/x/c1/state.json";

test("parseState gives back what renderState wrote", () => {
  assert.deepEqual(parseState(renderState(STATE), PATH), STATE);
  const { annotations: _, ...plain } = STATE;
  assert.deepEqual(parseState(renderState({ ...plain, cgroup: { v1: {} } }), PATH), { ...plain, cgroup: { v1: {} } });
});

test("renderStatePieces leaves the pid and the start time to be filled in", () => {
  const { beforePid, betweenPidAndStart, afterStart } = renderStatePieces({ ...STATE, pid: 0, startTime: 0 });
  const filled = parseState(`${beforePid}77${betweenPidAndStart}88${afterStart}`, PATH);
  assert.deepEqual(filled, { ...STATE, pid: 77, startTime: 88 });
});

test("parseState ignores members that it does not know", () => {
  const { future: _, ...state } = { future: 1, ...parseState(JSON.stringify({ ...STATE, future: 1 }), PATH) };
  assert.deepEqual(state, STATE);
});

const DAMAGED: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ["empty", "", /: it is empty$/],
  ["torn", renderState(STATE).slice(0, 40), /: it is no JSON: /],
  ["no object", "[1]", /: it is \[1\], and must be an object$/],
  ["null", "null", /: it is null, and must be an object$/],
  ["of another version", JSON.stringify({ ...STATE, version: 2 }), /"version" is 2, and must be 1, the version/],
  ["without an id", JSON.stringify({ ...STATE, id: undefined }), /"id" is missing, and must be a string$/],
  [
    "with a wrong phase",
    JSON.stringify({ ...STATE, phase: "up" }),
    /"phase" is "up", and must be "creating" or "created"$/,
  ],
  ["with a negative pid", JSON.stringify({ ...STATE, pid: -1 }), /"pid" is -1, and must be a whole number, 0 or more$/],
  ["with a text as pid", JSON.stringify({ ...STATE, pid: "1" }), /"pid" is "1"/],
  ["with a fraction", JSON.stringify({ ...STATE, startTime: 1.5 }), /"startTime" is 1.5/],
  [
    "with a relative rootfs",
    JSON.stringify({ ...STATE, rootfs: "r" }),
    /"rootfs" is "r", and must be an absolute path$/,
  ],
  [
    "with other annotations",
    JSON.stringify({ ...STATE, annotations: { a: 1 } }),
    /"annotations" is \{"a":1\}, and must be/,
  ],
  ["with a wrong cgroup", JSON.stringify({ ...STATE, cgroup: { v1: [] } }), /"cgroup" is \{"v1":\[\]\}, and must be/],
  ["with a wrong v2 cgroup", JSON.stringify({ ...STATE, cgroup: { v1: {}, v2: 1 } }), /"cgroup" is /],
];

for (const [name, text, message] of DAMAGED) {
  test(`parseState names the file and what is wrong when the state is ${name}`, () => {
    assert.throws(
      () => parseState(text, PATH),
      (error) => {
        assert.ok(error instanceof StateError);
        assert.equal(error.code, "ERR_STATE_CORRUPT");
        assert.ok(error.message.startsWith(`Cannot use the state file "${PATH}": `), error.message);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
