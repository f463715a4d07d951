import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import type { SeccompArch } from "../../src/config/types.gen.ts";
import { defaultSeccompProfile } from "../../src/seccomp/default-profile.ts";
import { nativeArchitecture } from "../../src/sys/probe-host.ts";
import { containerTest } from "../helpers/container-test.ts";
import { bindLogDirectory, linesOf, logHook, programFor } from "../helpers/hooks.ts";
import { PROBE, probeArgs } from "../helpers/probe.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";
import type { HookKind } from "../helpers/spec-config.ts";
import { assertSuccess } from "../helpers/test-box.ts";

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

containerTest("createContainer hooks see the container's mounts before the pivot", async (box) => {
  const report = box.path("report");
  const args = ["probe", "-o", report, ...probeArgs(["cat", "/proc/self/mountinfo"])];
  box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "marked-mount" });
  box.config.hooks = { createContainer: [{ path: PROBE, args }] };
  await box.created();
  assert.match(readFileSync(report, "utf8"), /marked-mount/);
});

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

containerTest("a hook that does not read the state is no failure", async (box) => {
  box.config.annotations = { long: "x".repeat(200_000) };
  box.config.hooks = { createRuntime: [{ path: PROBE, args: ["probe", "exit", "0"] }] };
  await box.created();
});

containerTest("a hook that is a script works, and leaves the bundle's directory as its own", async (box) => {
  const script = box.path("hook.sh");
  writeFileSync(script, `#!/bin/sh\npwd > ${box.path("cwd")}\n`);
  chmodSync(script, 0o755);
  box.config.hooks = { createRuntime: [{ path: script }] };
  await box.created();
  assert.ok(existsSync(box.path("cwd")));
});
