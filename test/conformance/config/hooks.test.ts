import assert from "node:assert/strict";
import { existsSync, linkSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { PROBE } from "../../helpers/probe.ts";
import type { HookKind, SpecHook } from "../../helpers/spec-config.ts";
import { assertSuccess, type TestBox } from "../../helpers/test-box.ts";
import { HOOK_PLACES, hookArgs, hookProgram, linesOf, logHook, scriptHook, shareDirectory } from "../hooks.ts";
import { assertRefused, assertRequired, requirement } from "../requirement.ts";

const AT = "config.md#posix-platform-hooks";

/** The entries' schema is stated for these two kinds; that of the others is the same. */
for (const [kind, first] of [
  ["prestart", 80],
  ["createRuntime", 85],
] as const) {
  const id = (offset: number) => `MD-CF-${first + offset}` as const;

  requirement(AT, { id: id(0), level: "REQUIRED", says: `a ${kind} hook has a path` }, async (box) => {
    const hook: SpecHook = { path: PROBE, args: ["probe"] };
    box.config.hooks = { [kind]: [hook] };
    await assertRequired(box, hook, "path");
  });

  requirement(AT, { id: id(1), says: `the path of a ${kind} hook is absolute` }, async (box) => {
    // Where a runtime might look: in its own current directory and in the bundle.
    linkSync(box.inRootfs("probe"), `${box.bundle}/hook`);
    box.config.hooks = { [kind]: [{ path: "hook", args: ["hook"] }] };
    box.writeConfig();
    assert.notEqual((await box.runtime(["create", box.id], { cwd: box.bundle })).status, 0);
  });

  requirement(AT, { id: id(2), says: `the timeout of a ${kind} hook is greater than zero` }, async (box) => {
    for (const timeout of [0, -1]) {
      box.config.hooks = { [kind]: [{ path: PROBE, args: ["probe"], timeout }] };
      await assertRefused(box);
    }
  });
}

/** The numbers of the rows that say where a hook's path is looked up and where it runs. */
const PLACE_ROWS = {
  prestart: ["MD-CF-83", "MD-CF-84"],
  createRuntime: ["MD-CF-88", "MD-CF-89"],
  createContainer: ["MD-CF-90", "MD-CF-91"],
  startContainer: ["MD-CF-92", "MD-CF-93"],
  poststart: ["MD-CF-94", "MD-CF-95"],
  poststop: ["MD-CF-96", "MD-CF-97"],
} as const;

for (const [name, [resolves, executed]] of Object.entries(PLACE_ROWS)) {
  const kind = name as HookKind; // the keys of a constant table
  const { path, runs } = HOOK_PLACES[kind];

  requirement(AT, { id: resolves, says: `the path of a ${kind} hook is the ${path}'s` }, async (box) => {
    // The name exists on one side only.
    mkdirSync(path === "container" ? box.inRootfs("side") : box.path("side"));
    const program = path === "container" ? "/side/hook" : box.path("side/hook");
    linkSync(box.inRootfs("probe"), path === "container" ? box.inRootfs("side/hook") : program);
    shareDirectoryFile(box);
    const args = hookArgs("/dev/null", ["write", box.path("shared/log"), "ran\n"]);
    box.config.hooks = { [kind]: [{ path: program, args }] };
    await liveAndDie(box);
    assert.deepEqual(linesOf(box.path("shared/log")), ["ran"]);
  });

  requirement(AT, { id: executed, says: `the ${kind} hooks run in the ${runs}'s namespaces` }, async (box) => {
    shareDirectory(box);
    const report = box.path("report");
    box.config.hooks = { [kind]: [{ path: hookProgram(kind), args: hookArgs(report, ["namespaces"], ["uname"]) }] };
    const containers = await liveAndDie(box);
    const [, namespaces, name] = box.reports(readFileSync(report, "utf8"), ["cat", ""], ["namespaces"], ["uname"]);
    const expected = runs === "container" ? containers : ownNamespaces();
    // A hook in the container may not see /proc yet; its host name tells as well.
    if (namespaces.mnt !== "") assert.deepEqual([namespaces.mnt, namespaces.net], expected);
    if (runs === "runtime") assert.notEqual(name.hostname, box.config.hostname);
  });
}

requirement(AT, { id: "MD-CF-98", says: "hooks are called in the listed order" }, async (box) => {
  const log = box.path("log");
  shareDirectory(box);
  const kinds = ["prestart", "createRuntime", "createContainer", "startContainer", "poststop"] as const;
  box.config.hooks = Object.fromEntries(
    kinds.map((kind) => [kind, ["1", "2", "3"].map((number) => logHook(kind, log, `${kind} ${number}`))]),
  );
  await liveAndDie(box);
  for (const kind of kinds) {
    const lines = linesOf(log).filter((line) => line.startsWith(`${kind} `));
    assert.deepEqual(
      lines,
      ["1", "2", "3"].map((number) => `${kind} ${number}`),
    );
  }
});

requirement(AT, { id: "MD-CF-99", says: "hooks get the container's state on their standard input" }, async (box) => {
  shareDirectory(box);
  box.config.annotations = { "org.example": "x" };
  const kinds = Object.keys(HOOK_PLACES) as readonly HookKind[]; // the keys of a constant table
  box.config.hooks = Object.fromEntries(
    kinds.map((kind) => [kind, [{ path: hookProgram(kind), args: hookArgs(box.path(kind)) }]]),
  );
  await liveAndDie(box);
  for (const kind of kinds) {
    const [text] = box.reports(readFileSync(box.path(kind), "utf8"), ["cat", "-"]);
    const { id, ociVersion, status, annotations } = JSON.parse(String(text));
    assert.deepEqual([id, annotations], [box.id, box.config.annotations], kind);
    assert.match(ociVersion, /^\d+\.\d+\.\d+/);
    assert.match(status, /^(creating|created|running|stopped)$/);
  }
});

/** What a hook of the runtime's side sees of the init's mounts: before the pivot the root lies below the bundle. */
for (const [kind, id] of [
  ["prestart", "MD-CF-100"],
  ["createRuntime", "MD-CF-102"],
] as const) {
  const says = `the ${kind} hooks are called by create, when the environment is made and before the root is changed`;
  requirement(`config.md#${kind === "prestart" ? "prestart" : "createruntime-hooks"}`, { id, says }, async (box) => {
    const seen = box.path("seen");
    const pid = `sed 's/.*"pid": *\\([0-9]*\\).*/\\1/'`;
    box.config.hooks = { [kind]: [scriptHook(box, `cat /proc/$(tr -d '\\n' | ${pid})/mountinfo > ${seen}`)] };
    await box.created();
    assert.ok(readFileSync(seen, "utf8").includes(` ${box.rootfs} `), readFileSync(seen, "utf8"));
  });
}

requirement(
  "config.md#prestart",
  { id: "MD-CF-101", says: "the prestart hooks are called before the createRuntime hooks" },
  (box) => assertOrder(box, "prestart", "createRuntime"),
);

requirement(
  "config.md#createcontainer-hooks",
  {
    id: "MD-CF-103",
    says: "the createContainer hooks are called by create, when the environment is made and before the root is changed",
  },
  async (box) => {
    const report = box.path("report");
    box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "marked" });
    box.config.hooks = {
      createContainer: [{ path: PROBE, args: hookArgs(report, ["cat", "/proc/self/mountinfo"]) }],
    };
    await box.created();
    const [, table] = box.reports(readFileSync(report, "utf8"), ["cat", ""], ["cat", ""]);
    assert.ok(String(table).includes(` ${box.rootfs}/mnt `), String(table));
  },
);

requirement(
  "config.md#createcontainer-hooks",
  { id: "MD-CF-104", says: "the createContainer hooks are called after the createRuntime hooks" },
  (box) => assertOrder(box, "createRuntime", "createContainer"),
);

requirement(
  "config.md#startcontainer-hooks",
  { id: "MD-CF-105", says: "the startContainer hooks are called by start, before the user's program is executed" },
  async (box) => {
    const log = box.path("log");
    shareDirectory(box);
    box.config.hooks = { startContainer: [logHook("startContainer", log, "hook")] };
    box.setCommands(["write", log, "program\n"], ["sleep", "60000"]);
    const creation = box.launchCreate();
    assertSuccess(await creation.ended);
    assert.deepEqual(linesOf(log), []);
    await box.must("start");
    await creation.waitForOutput(/ok/);
    assert.deepEqual(linesOf(log), ["hook", "program"]);
  },
);

requirement(
  "config.md#poststart",
  {
    id: "MD-CF-106",
    says: "the poststart hooks are called after the user's program is executed, before start returns",
  },
  async (box) => {
    const seen = box.path("seen");
    const pid = `sed 's/.*"pid": *\\([0-9]*\\).*/\\1/'`;
    const script = `tr '\\0' ' ' < /proc/$(tr -d '\\n' | ${pid})/cmdline > ${seen}; sleep 0.3; echo end >> ${seen}`;
    box.config.hooks = { poststart: [scriptHook(box, script)] };
    await box.started(["sleep", "60000"]);
    assert.equal(readFileSync(seen, "utf8"), "/probe sleep 60000 end\n");
  },
);

requirement(
  "config.md#poststop",
  { id: "MD-CF-107", says: "the poststop hooks are called after the container is deleted, before delete returns" },
  async (box) => {
    const seen = box.path("seen");
    const directory = `${box.stateRoot}/${box.id}`;
    box.config.hooks = {
      poststop: [scriptHook(box, `cat > /dev/null; ls -d ${directory} > ${seen}; sleep 0.3; echo end >> ${seen}`)],
    };
    box.setCommands(["exit", "0"]);
    await box.created();
    assert.ok(existsSync(directory));
    await box.must("start");
    await box.waitForStatus("stopped");
    await box.must("delete");
    assert.deepEqual(linesOf(seen), ["end"]);
  },
);

async function assertOrder(box: TestBox, first: HookKind, second: HookKind): Promise<void> {
  const log = box.path("log");
  shareDirectory(box);
  box.config.hooks = { [second]: [logHook(second, log, second)], [first]: [logHook(first, log, first)] };
  await box.created();
  assert.deepEqual(linesOf(log), [first, second]);
}

/** The whole life of the box's container; gives the names of its mount and network namespaces. */
async function liveAndDie(box: TestBox): Promise<readonly string[]> {
  box.setCommands(["print", "up\n"], ["sleep", "60000"]);
  const creation = box.launchCreate();
  assertSuccess(await creation.ended);
  const { pid } = await box.state();
  const namespaces = ["mnt", "net"].map((file) => readlinkSync(`/proc/${pid}/ns/${file}`));
  await box.must("start");
  // Not every start waits until all is done.
  await creation.waitForOutput(/up/);
  await box.must("kill", "KILL");
  await box.waitForStatus("stopped");
  await box.must("delete");
  return namespaces;
}

function ownNamespaces(): readonly string[] {
  return ["mnt", "net"].map((file) => readlinkSync(`/proc/self/ns/${file}`));
}

/** A directory that is the same inside and outside, unlike the rest of the box's own. */
function shareDirectoryFile(box: TestBox): void {
  const shared = box.path("shared");
  mkdirSync(shared);
  box.config.mounts.push({ destination: shared, type: "bind", source: shared, options: ["bind"] });
}
