import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { listTree } from "../../helpers/file-tree.ts";
import { cgroupV1Directory, needsCgroupV1 } from "../../helpers/needs.ts";
import type { ProgramResult } from "../../helpers/run-program.ts";
import type { TestBox } from "../../helpers/test-box.ts";
import { requirement } from "../requirement.ts";

requirement(
  "runtime.md#errors",
  { id: "MD-RT-29", says: "after an error all is as if the operation had never been tried" },
  async (box) => {
    box.config.root.readonly = false;
    box.config.mounts.push({ destination: "/made/for/it", type: "tmpfs", source: "tmpfs" });
    box.config.mounts.push({ destination: "/mnt", type: "nosuchfs", source: "none" });
    box.writeConfig();
    const before = listTree(box.bundle);
    assertFailed(await box.create());
    await box.assertNoTraces();
    assert.deepEqual(listTree(box.bundle), before);
    assert.ok(!readdirSync(box.stateRoot).includes(box.id));
  },
);

requirement("runtime.md#warnings", { id: "MD-RT-30", says: "a warning does not change what happens" }, async (box) => {
  box.config.process.capabilities?.bounding?.push("CAP_NO_SUCH");
  assert.deepEqual(await box.look(["cwd"]), ["/"]);
});

requirement(
  "runtime.md#operations",
  { id: "MD-RT-31", says: "state, create, start, kill and delete are supported" },
  async (box) => {
    box.setCommands(["sleep", "60000"]);
    await box.created();
    await box.must("start");
    await box.must("kill", "KILL");
    await box.waitForStatus("stopped");
    await box.must("delete");
  },
);

requirement("runtime.md#query-state", { id: "MD-RT-32", says: "state without an id is an error" }, (box) =>
  assertNeedsId(box, "state"),
);

requirement(
  "runtime.md#query-state",
  { id: "MD-RT-33", says: "the state of a container that does not exist is an error" },
  async (box) => {
    const result = await box.runtime(["state", box.id]);
    assertFailed(result);
    assert.equal(result.stdout, "");
  },
);

requirement("runtime.md#query-state", { id: "MD-RT-34", says: "state returns the container's state" }, async (box) => {
  await box.created();
  const { id, status, bundle, pid } = await box.state();
  assert.deepEqual({ id, status, bundle }, { id: box.id, status: "created", bundle: box.bundle });
  assert.equal(typeof pid, "number");
});

const CREATE = "runtime.md#create";

requirement(CREATE, { id: "MD-RT-35", says: "create without a bundle or an id is an error" }, async (box) => {
  assertFailed(await box.runtime(["create", box.id], { cwd: box.path("scratch") }));
  box.writeConfig();
  assertFailed(await box.runtime(["create", "--bundle", box.bundle]));
  assert.deepEqual(readdirSync(box.stateRoot), []);
});

requirement(
  CREATE,
  [
    { id: "MD-RT-36", says: "an id that is taken or not valid is an error" },
    { id: "MD-RT-37", level: "MUST NOT", says: "with such an id no container is made" },
  ],
  async (box) => {
    box.setCommands(["sleep", "60000"]);
    await box.created();
    const { pid } = await box.state();
    assertFailed(await box.create());
    assert.equal((await box.state()).pid, pid);
    for (const id of ["", "../up", "a/b"]) assertFailed(await box.runtime(["create", "--bundle", box.bundle, id]));
    assert.deepEqual(readdirSync(box.stateRoot), [box.id]);
  },
);

requirement(CREATE, { id: "MD-RT-38", says: "create makes a new container" }, async (box) => {
  await box.created();
  assert.ok(existsSync(`/proc/${(await box.state()).pid}`));
  assert.deepEqual(readdirSync(box.stateRoot), [box.id]);
});

requirement(CREATE, { id: "MD-RT-39", says: "create applies every property but process" }, async (box) => {
  box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "marked" });
  await box.created();
  const { pid } = await box.state();
  assert.match(readFileSync(`/proc/${pid}/mountinfo`, "utf8"), / \/mnt .* tmpfs marked /);
  const hostname = await box.program(["nsenter", "--target", String(pid), "--uts", "hostname"]);
  assert.equal(hostname.stdout.trim(), box.config.hostname);
});

requirement(
  CREATE,
  { id: "MD-RT-40", level: "MUST NOT", says: "process.args is not applied before start" },
  async (box) => {
    box.setCommands(["print", "ran"], ["sleep", "60000"]);
    const creation = box.launchCreate();
    await creation.ended;
    const { pid } = await box.state();
    assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /^\/probe\0/);
    assert.equal(creation.stdout, "");
    await box.must("start");
    await creation.waitForOutput(/ran/);
    assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /^\/probe\0/);
  },
);

requirement(
  CREATE,
  [
    { id: "MD-RT-41", says: "a property that cannot be applied is an error" },
    { id: "MD-RT-42", level: "MUST NOT", says: "and no container is made" },
  ],
  async (box) => {
    box.config.linux.sysctl = { "net.nosuch.key": "1" };
    assertFailed(await box.create());
    assert.deepEqual(readdirSync(box.stateRoot), []);
  },
);

const START = "runtime.md#start";

requirement(START, { id: "MD-RT-43", says: "start without an id is an error" }, (box) => assertNeedsId(box, "start"));

requirement(
  START,
  [
    { id: "MD-RT-44", says: "start has no effect on a container that is not created" },
    { id: "MD-RT-45", says: "start of a container that is not created is an error" },
  ],
  async (box) => {
    await box.started(["sleep", "60000"]);
    const { pid } = await box.state();
    assertFailed(await box.runtime(["start", box.id]));
    const { status, pid: pidAfter } = await box.state();
    assert.deepEqual({ status, pid: pidAfter }, { status: "running", pid });
    await box.must("kill", "KILL");
    await box.waitForStatus("stopped");
    assertFailed(await box.runtime(["start", box.id]));
    assert.equal((await box.state()).status, "stopped");
  },
);

requirement(START, { id: "MD-RT-46", says: "start runs the user's program" }, async (box) => {
  const output = await box.started(["args", "of the program"]);
  await output.waitForOutput(/of the program/);
});

requirement(START, { id: "MD-RT-47", says: "start of a container without process is an error" }, async (box) => {
  Reflect.deleteProperty(box.config, "process");
  // Whether create takes such a config is not said here.
  if ((await box.create()).status === 0) assertFailed(await box.runtime(["start", box.id]));
});

const KILL = "runtime.md#kill";

requirement(KILL, { id: "MD-RT-48", says: "kill without an id is an error" }, (box) => assertNeedsId(box, "kill"));

requirement(
  KILL,
  [
    { id: "MD-RT-49", says: "kill has no effect on a container that is neither created nor running" },
    { id: "MD-RT-50", says: "kill of a container that is neither created nor running is an error" },
  ],
  async (box) => {
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    assertFailed(await box.runtime(["kill", box.id, "KILL"]));
    assert.equal((await box.state()).status, "stopped");
  },
);

requirement(KILL, { id: "MD-RT-51", says: "kill sends the signal to the container's process" }, async (box) => {
  const output = await box.started(["signals", "1"]);
  await output.waitForOutput(/ready/);
  await box.must("kill", "USR1");
  await output.waitForOutput(/"signal":10,/);
});

const DELETE = "runtime.md#delete";

requirement(DELETE, { id: "MD-RT-52", says: "delete without an id is an error" }, (box) =>
  assertNeedsId(box, "delete"),
);

requirement(
  DELETE,
  [
    { id: "MD-RT-53", says: "delete has no effect on a container that is not stopped" },
    { id: "MD-RT-54", says: "delete of a container that is not stopped is an error" },
  ],
  async (box) => {
    box.setCommands(["sleep", "60000"]);
    await box.created();
    assertFailed(await box.runtime(["delete", box.id]));
    assert.equal((await box.state()).status, "created");
    await box.must("start");
    assertFailed(await box.runtime(["delete", box.id]));
    assert.equal((await box.state()).status, "running");
  },
);

requirement(DELETE, { id: "MD-RT-55", says: "delete removes what create has made" }, async (box) => {
  await box.started(["exit", "0"]);
  await box.waitForStatus("stopped");
  assert.notDeepEqual(box.traces().cgroups, []);
  await box.must("delete");
  assert.deepEqual(box.traces(), { mounts: [], cgroups: [], processes: [] });
});

requirement(
  DELETE,
  { id: "MD-RT-56", level: "MUST NOT", says: "delete leaves alone what the container has not made" },
  async (box) => {
    const parent = `${cgroupV1Directory("pids")}/${box.id}-before`;
    await box.program(["mkdir", parent]);
    box.config.linux.cgroupsPath = `/${box.id}-before/inner`;
    const before = listTree(box.rootfs);
    box.setCommands(["exit", "0"]);
    await box.created();
    await box.must("start");
    await box.waitForStatus("stopped");
    await box.must("delete");
    assert.ok(existsSync(parent));
    assert.deepEqual(listTree(box.rootfs), before);
    for (const cgroup of box.traces().cgroups.toReversed()) await box.program(["rmdir", cgroup]);
  },
  { needs: [needsCgroupV1("pids")] },
);

function assertFailed(result: ProgramResult): void {
  assert.notEqual(result.status, 0);
  assert.notEqual(result.stderr, "");
}

async function assertNeedsId(box: TestBox, verb: string): Promise<void> {
  assertFailed(await box.runtime([verb]));
}
