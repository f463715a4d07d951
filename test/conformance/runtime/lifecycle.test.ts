import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { cgroupV1Directory, needsCgroupV1 } from "../../helpers/needs.ts";
import type { HookKind } from "../../helpers/spec-config.ts";
import { assertSuccess, type TestBox } from "../../helpers/test-box.ts";
import { failingHook, linesOf, logHook, shareDirectory } from "../hooks.ts";
import { assertRefused, requirement } from "../requirement.ts";

const AT = "runtime.md#lifecycle";

requirement(
  AT,
  { id: "MD-RT-10", says: "create makes the container's environment as config.json has it" },
  async (box) => {
    box.config.hostname = "inside.example";
    box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "marked" });
    box.config.linux.sysctl = { "kernel.msgmax": "4321" };
    const [name, table, sysctl] = await box.look(
      ["uname"],
      ["cat", "/proc/self/mountinfo"],
      ["cat", "/proc/sys/kernel/msgmax"],
    );
    assert.equal(name.hostname, "inside.example");
    assert.match(String(table), / \/mnt .* tmpfs marked /);
    assert.equal(sysctl, "4321\n");
  },
);

requirement(AT, { id: "MD-RT-11", says: "an environment that cannot be made is an error" }, async (box) => {
  box.config.mounts.push({ destination: "/mnt", type: "bind", source: box.path("nowhere"), options: ["bind"] });
  await assertRefused(box);
});

requirement(
  AT,
  { id: "MD-RT-12", says: "create makes the resources that config.json asks for" },
  async (box) => {
    box.config.linux.resources.pids = { limit: 17 };
    await box.created();
    const { pid } = await box.state();
    const path = /^\d+:pids:(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? "";
    assert.equal(readFileSync(`${cgroupV1Directory("pids")}${path}/pids.max`, "utf8"), "17\n");
  },
  { needs: [needsCgroupV1("pids")] },
);

requirement(AT, { id: "MD-RT-13", level: "MUST NOT", says: "create does not run the user's program" }, async (box) => {
  box.config.root.readonly = false;
  box.setCommands(["write", "/ran", "yes"]);
  await box.created();
  assert.ok(!existsSync(box.inRootfs("ran")));
  await box.must("start");
  await box.waitForStatus("stopped");
  assert.ok(existsSync(box.inRootfs("ran")));
});

requirement(
  AT,
  { id: "MD-RT-14", level: "MUST NOT", says: "a change of config.json after create does not reach the container" },
  async (box) => {
    box.setCommands(["print", "first"]);
    const creation = box.launchCreate();
    assertSuccess(await creation.ended);
    box.setCommands(["print", "second"]);
    box.config.hooks = { poststop: [logHook("poststop", box.path("log"), "ran")] };
    box.writeConfig();
    await box.must("start");
    await box.waitForStatus("stopped");
    await box.must("delete");
    assert.equal(creation.stdout, "first");
    assert.deepEqual(linesOf(box.path("log")), []);
  },
);

/** The kinds of hooks in the order of the life: the numbers of the rows that say that they run, and what failing does. */
const HOOK_ROWS = [
  ["prestart", "create", "MD-RT-15", "MD-RT-16"],
  ["createRuntime", "create", "MD-RT-17", "MD-RT-18"],
  ["createContainer", "create", "MD-RT-19", "MD-RT-20"],
  ["startContainer", "start", "MD-RT-21", "MD-RT-22"],
  ["poststart", "start", "MD-RT-24", "MD-RT-25"],
] as const;

for (const [kind, verb, invoked, failing] of HOOK_ROWS) {
  requirement(AT, { id: invoked, says: `the ${kind} hooks are invoked in their step` }, async (box) => {
    assert.deepEqual(await linesAfter(box, kind, verb), [kind]);
  });

  const since = kind === "poststart" ? "1.3" : undefined;
  const says = `a failing ${kind} hook is an error, ends the container, and goes on with undoing and poststop`;
  requirement(AT, { id: failing, says, since }, async (box) => {
    const log = box.path("log");
    box.config.root.readonly = false;
    box.config.hooks = { [kind]: [failingHook(kind)], poststop: [logHook("poststop", log, "poststop")] };
    box.setCommands(["write", "/ran", "yes"], ["sleep", "60000"]);
    const created = await box.create();
    if (verb === "start") assertSuccess(created);
    const failed = verb === "start" ? await box.runtime(["start", box.id]) : created;
    assert.notEqual(failed.status, 0);
    await box.assertNoTraces();
    assert.notEqual((await box.runtime(["state", box.id])).status, 0, "the container is still there");
    assert.deepEqual(linesOf(log), ["poststop"]);
    if (kind !== "poststart") assert.ok(!existsSync(box.inRootfs("ran")));
  });
}

requirement(AT, { id: "MD-RT-23", says: "start runs the program that process names" }, async (box) => {
  const output = await box.started(["print", "it runs"]);
  await output.waitForOutput(/it runs/);
});

requirement(
  AT,
  { id: "MD-RT-26", says: "a deleted container is destroyed: what create did is undone" },
  async (box) => {
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    await box.must("delete");
    await box.assertNoTraces();
    assert.notEqual((await box.runtime(["state", box.id])).status, 0);
  },
);

requirement(AT, { id: "MD-RT-27", says: "the poststop hooks are invoked in their step" }, async (box) => {
  assert.deepEqual(await linesAfter(box, "poststop", "delete"), ["poststop"]);
});

requirement(
  AT,
  { id: "MD-RT-28", says: "a failing poststop hook is a warning, and the other hooks run" },
  async (box) => {
    const log = box.path("log");
    box.config.hooks = { poststop: [failingHook("poststop"), logHook("poststop", log, "second")] };
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    const { stderr } = await box.must("delete");
    assert.notEqual(stderr, "");
    assert.deepEqual(linesOf(log), ["second"]);
    assert.notEqual((await box.runtime(["state", box.id])).status, 0);
  },
);

/** What the hooks of one kind have written after a verb, and not before. */
async function linesAfter(
  box: TestBox,
  kind: HookKind,
  verb: "create" | "start" | "delete",
): Promise<readonly string[]> {
  const log = box.path("log");
  shareDirectory(box);
  box.config.hooks = { [kind]: [logHook(kind, log, kind)] };
  box.setCommands(["print", "up\n"], ["sleep", "60000"]);
  const creation = box.launchCreate();
  assertSuccess(await creation.ended);
  if (verb === "create") return linesOf(log);
  assert.deepEqual(linesOf(log), []);
  await box.must("start");
  // That start waits for all of it is another row.
  await creation.waitForOutput(/up/);
  if (verb === "start") return linesOf(log);
  assert.deepEqual(linesOf(log), []);
  await box.must("kill", "KILL");
  await box.waitForStatus("stopped");
  await box.must("delete");
  return linesOf(log);
}
