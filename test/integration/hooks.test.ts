import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import type { SeccompArch } from "../../src/config/types.gen.ts";
import { defaultSeccompProfile } from "../../src/seccomp/default-profile.ts";
import { nativeArchitecture } from "../../src/sys/probe-host.ts";
import { containerTest } from "../helpers/container-test.ts";
import { PROBE, probeArgs } from "../helpers/probe.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";
import type { HookKind, SpecHook } from "../helpers/spec-config.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

/** The kinds in the order in which they run, and whether that is in the runtime's or the container's namespaces. */
const KINDS: readonly (readonly [kind: HookKind, place: "runtime" | "container"])[] = [
  ["prestart", "runtime"],
  ["createRuntime", "runtime"],
  ["createContainer", "container"],
  ["startContainer", "container"],
  ["poststart", "runtime"],
  ["poststop", "runtime"],
];

containerTest(
  "hooks run in the order of the spec, each kind's in their own order",
  async (box) => {
    const log = box.path("log");
    box.config.root.readonly = false;
    bindLogDirectory(box);
    for (const [kind] of KINDS) {
      box.config.hooks = {
        ...box.config.hooks,
        [kind]: ["1", "2"].map((number) => logHook(kind, log, `${kind}${number}\n`)),
      };
    }
    box.setCommands(["write", log, "process\n"]);
    await box.created();
    const atCreate = [
      "prestart1",
      "prestart2",
      "createRuntime1",
      "createRuntime2",
      "createContainer1",
      "createContainer2",
    ];
    assert.deepEqual(linesOf(log), atCreate);
    await box.must("start");
    await box.waitForStatus("stopped");
    // poststart comes after the process has started, which may be before or after the process's own line.
    const atStart = linesOf(log).slice(atCreate.length);
    assert.deepEqual(atStart.slice(0, 2), ["startContainer1", "startContainer2"]);
    assert.deepEqual(atStart.slice(2).sort(), ["poststart1", "poststart2", "process"]);
    await box.must("delete");
    assert.deepEqual(linesOf(log).slice(-2), ["poststop1", "poststop2"]);
  },
  { peerDeviations: { runc: "1.1.5's start does not wait", crun: "1.8.1 runs poststart before the process" } },
);

containerTest(
  "hooks of a config with names in another letter case run at every verb",
  async (box) => {
    const log = box.path("log");
    box.config.hooks = {
      poststart: [logHook("poststart", log, "start\n")],
      poststop: [logHook("poststop", log, "stop\n")],
    };
    box.setCommands(["sleep", "60000"]);
    box.writeConfig();
    const file = `${box.bundle}/config.json`;
    writeFileSync(file, readFileSync(file, "utf8").replace('"hooks"', '"Hooks"').replace('"poststart"', '"PostStart"'));
    const created = await box.runtime(["create", "--bundle", box.bundle, box.id]);
    assertSuccess(created);
    await box.must("start");
    await box.must("delete", "--force");
    assert.deepEqual(linesOf(log), ["start", "stop"]);
    if (RUNTIME.name === "ours") assert.match(created.stderr, /\/hooks: is written "Hooks": it is taken for "hooks"/);
  },
  { peerDeviations: { crun: "wants the spec's own letters" } },
);

for (const [kind, place] of KINDS) {
  containerTest(`${kind} hooks get their arguments, their environment and the state`, async (box) => {
    bindLogDirectory(box);
    const file = box.path("report");
    const args = ["any name", "-o", file, ...probeArgs(["cat", "-"], ["env"], ["args", "a", ""], ["namespaces"])];
    box.config.hooks = { [kind]: [{ path: programFor(kind), args, env: ["KEY=value", "OTHER=1=2"] }] };
    box.config.annotations = { "org.example": "x" };
    await box.started(["sleep", "60000"]);
    const { pid } = await box.state();
    await box.must("delete", "--force");
    const [stdin, env, argv, namespaces] = box.reports(
      readFileSync(file, "utf8"),
      ["cat", "-"],
      ["env"],
      ["args"],
      ["namespaces"],
    );
    assert.deepEqual(env, ["KEY=value", "OTHER=1=2"]);
    assert.deepEqual(argv, ["a", ""]);
    const state = JSON.parse(String(stdin));
    assert.equal(state.id, box.id);
    // crun 1.8.1 tells a hook in the container the path there.
    if (place === "runtime") assert.equal(state.bundle, box.bundle);
    assert.deepEqual(state.annotations, box.config.annotations);
    assert.match(state.ociVersion, /^1\./);
    // Seen from inside, the pid is another.
    if (place === "runtime" && kind !== "poststop") assert.equal(state.pid, pid);
    const isInside = namespaces.mnt !== "" && namespaces.mnt !== readlinkSync("/proc/self/ns/mnt");
    // A hook in the container may not see /proc yet.
    if (namespaces.mnt !== "") assert.equal(isInside, place === "container");
  });
}

const STATUSES: Readonly<Record<HookKind, readonly string[]>> = {
  // The spec names the status of each operation, not of each hook: what a create under way is called is the runtime's choice.
  prestart: ["creating", "created"],
  createRuntime: ["creating", "created"],
  createContainer: ["creating", "created"],
  startContainer: ["created", "running"],
  poststart: ["running"],
  poststop: ["stopped"],
};

for (const [kind] of KINDS) {
  containerTest(
    `${kind} hooks are told the status ${STATUSES[kind].join(" or ")}`,
    async (box) => {
      bindLogDirectory(box);
      const file = box.path("report");
      box.config.hooks = { [kind]: [{ path: programFor(kind), args: ["probe", "-o", file, "cat", "-"] }] };
      await box.started(["sleep", "60000"]);
      await box.must("delete", "--force");
      const [stdin] = box.reports(readFileSync(file, "utf8"), ["cat", "-"]);
      const { status } = JSON.parse(String(stdin));
      assert.ok(STATUSES[kind].includes(status), status);
    },
    {
      peerDeviations: {
        crun: "1.8.1 tells created in all",
        ...(kind === "poststart" ? { runc: "tells created" } : {}),
      },
    },
  );
}

containerTest(
  "a createContainer hook starts in the root that is about to be the container's, and can mount there",
  async (box) => {
    box.config.root.readonly = false;
    box.config.hooks = {
      createContainer: [
        { path: "/bin/sh", args: ["sh", "-c", "mkdir ./made && mount -t tmpfs hook ./made && echo in > ./made/file"] },
      ],
    };
    const [text] = await box.look(["cat", "/made/file"]);
    assert.equal(text, "in\n");
    assert.deepEqual(readdirSync(box.inRootfs("made")), [], "the mount is the container's alone");
  },
  { peerDeviations: { crun: "1.8.1 starts it elsewhere" } },
);

containerTest(
  "a startContainer hook without an environment of its own has the process's, and its HOME",
  async (box) => {
    bindLogDirectory(box);
    const file = box.path("report");
    box.config.process.env = ["ONE=two"];
    writeFileSync(box.inRootfs("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    box.config.hooks = { startContainer: [{ path: "/probe", args: ["probe", "-o", file, "env"] }] };
    await box.started(["sleep", "60000"]);
    const [env] = box.reports(readFileSync(file, "utf8"), ["env"]);
    assert.deepEqual([...env].sort(), ["HOME=/root", "ONE=two"]);
  },
);

for (const noNewPrivileges of [true, false]) {
  const title = `with no_new_privs ${noNewPrivileges ? "on" : "off"}`;

  containerTest(
    `the filter of system calls holds for startContainer hooks as well, ${title}`,
    async (box) => {
      box.config.process.noNewPrivileges = noNewPrivileges;
      box.config.linux.seccomp = {
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
      };
      bindLogDirectory(box);
      const file = box.path("report");
      box.config.hooks = { startContainer: [{ path: "/probe", args: ["probe", "-o", file, "mkdir", "/dev/x"] }] };
      await box.started(["sleep", "60000"]);
      assert.deepEqual(box.reports(readFileSync(file, "utf8"), ["mkdir", "/dev/x"]), [{ error: "EPERM" }]);
    },
    { peerDeviations: noNewPrivileges ? { runc: "1.1.5 loads it later", crun: "1.8.1 loads it later" } : {} },
  );

  containerTest(`a startContainer hook works under the filter that engines give, ${title}`, async (box) => {
    box.config.process.noNewPrivileges = noNewPrivileges;
    box.config.linux.seccomp = { ...defaultSeccompProfile(nativeArchitecture() as SeccompArch) };
    bindLogDirectory(box);
    const log = box.path("log");
    box.config.hooks = { startContainer: [logHook("startContainer", log, "hook\n")] };
    box.setCommands(["exit", "0"]);
    assertSuccess(await box.run());
    assert.deepEqual(linesOf(log), ["hook"]);
  });
}

for (const kind of ["prestart", "createRuntime", "createContainer"] as const) {
  containerTest(`a failing ${kind} hook fails create and leaves nothing`, async (box) => {
    box.config.hooks = { [kind]: [failingHook(kind, 3)] };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /hook/);
    assert.notEqual((await box.runtime(["state", box.id])).status, 0);
    await box.assertNoTraces();
  });
}

containerTest(
  "a failing startContainer hook fails start, and the process does not run",
  async (box) => {
    box.config.root.readonly = false;
    box.config.hooks = { startContainer: [failingHook("startContainer", 3)] };
    box.setCommands(["write", "/ran", "yes"]);
    await box.created();
    const result = await box.runtime(["start", box.id]);
    assert.notEqual(result.status, 0);
    await box.runtime(["delete", "--force", box.id]);
    assert.ok(!existsSync(box.inRootfs("ran")));
  },
  { peerDeviations: { runc: "1.1.5's start does not wait for them", crun: "1.8.1's start does not wait for them" } },
);

containerTest(
  "a failing poststart hook fails start and ends the container",
  async (box) => {
    box.config.hooks = { poststart: [failingHook("poststart", 3)] };
    box.setCommands(["sleep", "60000"]);
    await box.created();
    const result = await box.runtime(["start", box.id]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /hook/);
    await box.assertNoProcesses();
  },
  { peerDeviations: { runc: "1.1.5 warns", crun: "1.8.1 warns" } },
);

containerTest(
  "a failing poststop hook is a warning, and the others run all the same",
  async (box) => {
    const log = box.path("log");
    box.config.hooks = { poststop: [failingHook("poststop", 3), logHook("poststop", log, "second\n")] };
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    await box.must("delete");
    assert.deepEqual(linesOf(log), ["second"]);
  },
  { peerDeviations: { runc: "1.1.5 stops at the first", crun: "1.8.1 stops at the first" } },
);

containerTest(
  "the text of a failing hook names it, its status and what it said",
  async (box) => {
    box.config.hooks = {
      createRuntime: [{ path: PROBE, args: ["probe", ...probeArgs(["complain", "my reason\n"], ["exit", "9"])] }],
    };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    for (const part of [/hook/, /\b9\b/, /my reason/]) assert.match(result.stderr, part);
  },
  { peerDeviations: { crun: "does not tell what it said" } },
);

for (const kind of ["createRuntime", "createContainer"] as const) {
  containerTest(
    `a ${kind} hook that takes longer than its timeout is ended, and create fails`,
    async (box) => {
      box.config.hooks = { [kind]: [{ path: PROBE, args: ["probe", "sleep", "60000"], timeout: 1 }] };
      const started = Date.now();
      const result = await box.create([], { timeoutMs: 20_000 });
      assert.notEqual(result.status, 0);
      assert.ok(Date.now() - started < 10_000);
      assert.match(result.stderr, /tim/i);
      await box.assertNoTraces();
    },
    kind === "createContainer" ? { peerDeviations: { crun: "the text gets lost" } } : {},
  );
}

containerTest("a hook within its timeout is not disturbed", async (box) => {
  const log = box.path("log");
  const args = ["probe", "-o", log, ...probeArgs(["sleep", "300"], ["args", "done"])];
  box.config.hooks = { createRuntime: [{ path: PROBE, args, timeout: 10 }] };
  await box.created();
  assert.equal(readFileSync(log, "utf8"), '["done"]\n');
});

containerTest(
  "a timeout that is not positive is refused",
  async (box) => {
    box.config.hooks = { createRuntime: [{ path: PROBE, timeout: 0 }] };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /timeout/);
  },
  { peerDeviations: { runc: "takes it for an expired one or none", crun: "takes it for none" } },
);

containerTest(
  "a hook's path must be absolute",
  async (box) => {
    box.config.hooks = { createRuntime: [{ path: "true" }] };
    const result = await box.create();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /path|true/);
    await box.assertNoTraces();
  },
  { peerDeviations: { crun: "takes a relative one" } },
);

containerTest("a hook that is not there fails create by its name", async (box) => {
  box.config.hooks = { createRuntime: [{ path: box.path("nowhere") }] };
  const result = await box.create();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nowhere|hook/);
  await box.assertNoTraces();
});

containerTest("a hook that does not read the state is no failure", async (box) => {
  box.config.annotations = { long: "x".repeat(200_000) };
  box.config.hooks = { createRuntime: [{ path: PROBE, args: ["probe", "exit", "0"] }] };
  await box.created();
});

containerTest("createContainer hooks see the container's mounts before the pivot", async (box) => {
  const report = box.path("report");
  const args = ["probe", "-o", report, ...probeArgs(["cat", "/proc/self/mountinfo"])];
  box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "marked-mount" });
  box.config.hooks = { createContainer: [{ path: PROBE, args }] };
  await box.created();
  assert.match(readFileSync(report, "utf8"), /marked-mount/);
});

containerTest("run carries out all hooks, poststop at the end", async (box) => {
  const log = box.path("log");
  box.config.hooks = {
    createRuntime: [logHook("createRuntime", log, "createRuntime\n")],
    poststart: [logHook("poststart", log, "poststart\n")],
    poststop: [logHook("poststop", log, "poststop\n")],
  };
  box.setCommands(["sleep", "100"]);
  await box.run();
  assert.deepEqual(linesOf(log), ["createRuntime", "poststart", "poststop"]);
});

containerTest("run gives the container's status when a poststop hook fails, and warns", async (box) => {
  const log = box.path("log");
  box.config.hooks = { poststop: [failingHook("poststop", 3), logHook("poststop", log, "second\n")] };
  box.setCommands(["exit", "7"]);
  const result = await box.run();
  assert.equal(result.status, 7, result.stderr);
  assert.match(result.stderr, /poststop/);
  if (RUNTIME.name === "ours") assert.deepEqual(linesOf(log), ["second"]);
  await box.assertNoTraces();
});

for (const [kind, place] of KINDS.filter(([each]) => each !== "startContainer")) {
  containerTest(
    `${kind} hooks without an environment get ${place === "runtime" ? "the caller's" : "none"}`,
    async (box) => {
      bindLogDirectory(box);
      const report = box.path("report");
      box.config.hooks = { [kind]: [{ path: PROBE, args: ["probe", "-o", report, ...probeArgs(["env"])] }] };
      box.setCommands(["exit", "0"]);
      assertSuccess(await box.run([], { env: { CALLERS: "own" } }));
      const [env] = box.reports(readFileSync(report, "utf8"), ["env"]);
      assert.equal((env as string[]).includes("CALLERS=own"), place === "runtime");
    },
    place === "container" ? { peerDeviations: { crun: "hands on the caller's" } } : {},
  );
}

containerTest("a hook that is a script works, and leaves the bundle's directory as its own", async (box) => {
  const script = box.path("hook.sh");
  writeFileSync(script, `#!/bin/sh\npwd > ${box.path("cwd")}\n`);
  chmodSync(script, 0o755);
  box.config.hooks = { createRuntime: [{ path: script }] };
  await box.created();
  assert.ok(existsSync(box.path("cwd")));
});

/** startContainer hooks are programs of the container, all others of the host. */
function programFor(kind: HookKind): string {
  return kind === "startContainer" ? "/probe" : PROBE;
}

/** Makes the box's own directory the same inside, so that hooks in the container can write there. */
function bindLogDirectory(box: TestBox): void {
  box.config.mounts.push({ destination: box.directory, type: "bind", source: box.directory, options: ["bind"] });
}

/** A hook that appends to a file. */
function logHook(kind: HookKind, file: string, text: string): SpecHook {
  return { path: programFor(kind), args: ["probe", "-o", "/dev/null", "write", file, text] };
}

function failingHook(kind: HookKind, status: number): SpecHook {
  return { path: programFor(kind), args: ["probe", "exit", String(status)] };
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
