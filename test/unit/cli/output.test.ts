import assert from "node:assert/strict";
import { test } from "node:test";
import { listIds, listJson, listTable, stateJson } from "../../../src/cli/output.ts";
import type { ContainerState, ListEntry } from "../../../src/runtime/index.ts";

const STATE: ContainerState = {
  owner: "root",
  annotations: { "org.a": "<b>" },
  created: "2026-11-21T10:00:00.123456789Z",
  rootfs: "/srv/web/rootfs",
  bundle: "/srv/web",
  status: "running",
  pid: 4242,
  id: "web1",
  ociVersion: "1.3.0",
};
const { annotations, ...PLAIN } = STATE;
const BAD: ListEntry = { id: "a-container-with-a-long-name", problem: "state.json is cut off" };

test("stateJson prints runc's members in runc's order, indented by two", () => {
  assert.equal(
    stateJson(STATE),
    `{
  "ociVersion": "1.3.0",
  "id": "web1",
  "pid": 4242,
  "status": "running",
  "bundle": "/srv/web",
  "rootfs": "/srv/web/rootfs",
  "created": "2026-11-21T10:00:00.123456789Z",
  "annotations": {
    "org.a": "<b>"
  },
  "owner": "root"
}
`,
  );
});

test("stateJson leaves annotations out when there are none", () => {
  assert.deepEqual(JSON.parse(stateJson({ ...PLAIN, annotations: {} })), PLAIN);
  assert.deepEqual(JSON.parse(stateJson(PLAIN)), PLAIN);
});

test("listTable prints runc's columns, each as wide as its longest cell and a gap of three, twelve at least", () => {
  assert.equal(
    listTable([{ state: STATE }, BAD]),
    `ID                             PID         STATUS       BUNDLE                    CREATED                          OWNER
web1                           4242        running      /srv/web                  2026-11-21T10:00:00.123456789Z   root
a-container-with-a-long-name   -           unreadable   (state.json is cut off)   -                                -
`,
  );
});

test("listTable prints the heading alone when there is no container", () => {
  assert.equal(listTable([]), "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
});

test("listJson prints one array on one line, with the unreadable containers and the reasons", () => {
  assert.equal(listJson([]), "[]\n");
  const text = listJson([{ state: STATE }, BAD]);
  assert.equal(text.indexOf("\n"), text.length - 1);
  const problem = { id: BAD.id, pid: 0, status: "unreadable", problem: BAD.problem };
  assert.deepEqual(JSON.parse(text), [{ ...PLAIN, annotations }, problem]);
});

test("listIds prints every id, the unreadable containers' too", () => {
  assert.equal(listIds([{ state: STATE }, BAD]), "web1\na-container-with-a-long-name\n");
  assert.equal(listIds([]), "");
});
