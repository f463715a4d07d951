import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { assertSuccess, type TestBox } from "../../helpers/test-box.ts";
import { requirement } from "../requirement.ts";

type State = Readonly<Record<string, unknown>>;

requirement(
  "runtime.md#scope-of-a-container",
  { id: "MD-RT-01", says: "who creates a container can use every operation on it" },
  async (box) => {
    const states = await lifeOf(box);
    assert.equal(states.length, 3);
    assert.notEqual((await box.runtime(["state", box.id])).status, 0);
  },
);

requirement(
  "runtime.md#state",
  { id: "MD-RT-02", level: "REQUIRED", says: "the state has the ociVersion that it complies with" },
  async (box) => {
    for (const { ociVersion } of await lifeOf(box)) assert.match(String(ociVersion), /^\d+\.\d+\.\d+/);
  },
);

requirement(
  "runtime.md#state",
  { id: "MD-RT-03", level: "REQUIRED", says: "the state has the container's id" },
  async (box) => {
    for (const { id } of await lifeOf(box)) assert.equal(id, box.id);
  },
);

requirement("runtime.md#state", { id: "MD-RT-04", says: "an id belongs to one container only" }, async (box) => {
  await box.created();
  const { pid } = await box.state();
  assert.notEqual((await box.create()).status, 0);
  assert.equal((await box.state()).pid, pid);
});

requirement(
  "runtime.md#state",
  { id: "MD-RT-05", level: "REQUIRED", says: "the state has a status: created, running, stopped as the life goes" },
  async (box) => {
    const states = await lifeOf(box);
    assert.deepEqual(
      states.map(({ status }) => status),
      ["created", "running", "stopped"],
    );
  },
);

requirement(
  "runtime.md#state",
  { id: "MD-RT-06", says: "a status of the runtime's own stands for a state that the spec has no word for" },
  async (box) => {
    const own = (await lifeOf(box)).filter(({ status }) => !SPEC_STATUSES.includes(String(status)));
    assert.deepEqual(own, []);
  },
);

const SPEC_STATUSES: readonly string[] = ["creating", "created", "running", "stopped"];

requirement(
  "runtime.md#state",
  { id: "MD-RT-07", level: "REQUIRED", says: "the state of a created or running container has the pid of its process" },
  async (box) => {
    const [created, running] = await lifeOf(box, ({ pid }) => {
      assert.ok(existsSync(`/proc/${pid}`));
      assert.ok(readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(box.id));
    });
    assert.equal(created?.pid, running?.pid);
  },
);

requirement(
  "runtime.md#state",
  { id: "MD-RT-08", level: "REQUIRED", says: "the state has the bundle's absolute path" },
  async (box) => {
    box.writeConfig();
    assertSuccess(await box.runtime(["create", "--bundle", "bundle", box.id], { cwd: box.directory }));
    assert.equal((await box.state()).bundle, box.bundle);
  },
);

requirement("runtime.md#state", { id: "MD-RT-09", says: "the state is as its JSON schema says" }, async (box) => {
  box.config.annotations = { "org.example.key": "value" };
  const validate = new Ajv().compile(JSON.parse(readFileSync(`${PROJECT_ROOT}/schema/state.schema.json`, "utf8")));
  for (const state of await lifeOf(box)) {
    assert.ok(validate(state), JSON.stringify(validate.errors));
    assert.deepEqual(state.annotations, box.config.annotations);
  }
});

/** The states of a container when it is created, when it runs and when it has stopped; afterwards it is deleted. */
async function lifeOf(box: TestBox, whileAlive: (state: State) => void = () => {}): Promise<readonly State[]> {
  box.setCommands(["sleep", "60000"]);
  await box.created();
  const created = await box.state();
  whileAlive(created);
  await box.must("start");
  const running = await box.state();
  whileAlive(running);
  await box.must("kill", "KILL");
  await box.waitForStatus("stopped");
  const stopped = await box.state();
  await box.must("delete");
  return [created, running, stopped];
}
