import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { needsProgram } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import { bitsOf, parseProcStatus } from "../helpers/proc-status.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

containerTest("process.env is the whole environment, in order", async (box) => {
  box.config.process.env = ["PATH=/", "HOME=/somewhere", "EMPTY=", "EQUALS=a=b", "SPACE= x ", "LINES=1\n2"];
  const [env] = await box.look(["env"]);
  assert.deepEqual(env, box.config.process.env);
});

containerTest("HOME comes from the container's passwd file when process.env has none", async (box) => {
  writeFileSync(
    box.inRootfs("etc/passwd"),
    "root:x:0:0:root:/root/home:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n",
  );
  box.config.process.user = { uid: 1000, gid: 1000 };
  const [env] = await box.look(["env"]);
  assert.ok(env.includes("HOME=/home/user"), env.join());
});

containerTest("HOME is / when the container knows no such user", async (box) => {
  const [env] = await box.look(["env"]);
  assert.ok(env.includes("HOME=/") || env.includes("HOME=/root"), env.join());
});

containerTest("process.cwd is the working directory", async (box) => {
  mkdirSync(box.inRootfs("etc/inner"));
  box.config.process.cwd = "/etc/inner";
  const [cwd] = await box.look(["cwd"]);
  assert.equal(cwd, "/etc/inner");
});

for (const readonly of [false, true]) {
  containerTest(`process.cwd is made when it is missing, with root.readonly ${readonly}`, async (box) => {
    box.config.root.readonly = readonly;
    box.config.process.cwd = "/made/for/it";
    const [cwd, write] = await box.look(["cwd"], ["write", "/made/for/it/file", "x"]);
    assert.equal(cwd, "/made/for/it");
    assert.equal("error" in write, readonly);
  });
}

containerTest(
  "process.cwd must be absolute",
  async (box) => {
    box.config.process.cwd = "etc";
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /cwd/i);
    await box.assertNoTraces();
  },
  { peerDeviations: { crun: "accepts a relative directory" } },
);

containerTest("process.user sets the ids and the additional groups", async (box) => {
  box.config.process.user = { uid: 1001, gid: 1002, additionalGids: [5, 27, 1003] };
  const [ids, status] = await box.look(["ids"], ["cat", "/proc/self/status"]);
  assert.deepEqual([ids.uid, ids.euid, ids.gid, ids.egid], [1001, 1001, 1002, 1002]);
  const { Uid, Gid, Groups } = parseProcStatus(succeeded(status));
  assert.deepEqual([Uid, Gid], ["1001\t1001\t1001\t1001", "1002\t1002\t1002\t1002"]);
  assert.deepEqual(Groups?.split(" "), ["5", "27", "1003"]);
});

containerTest("no group of the caller is left without additionalGids", async (box) => {
  const [status] = await box.look(["cat", "/proc/self/status"]);
  assert.equal(parseProcStatus(succeeded(status)).Groups, "");
});

containerTest(
  "the caller's groups are left, also to exec, where an annotation of crun's asks for them",
  async (box) => {
    box.config.annotations = { "run.oci.keep_original_groups": "1" };
    box.config.process.user.additionalGids = [7];
    box.setCommands(["sleep", "60000"]);
    assertSuccess(await box.run(["--detach"]));
    const argv = box.argv(["exec", box.id, "/probe", "cat", "/proc/self/status"]);
    const exec = await box.program(["setpriv", "--groups=4,1003", ...argv]);
    assert.equal(groupsOf(box, exec), "4 1003");
    await box.must("delete", "--force");
    box.setCommands(["cat", "/proc/self/status"]);
    box.writeConfig();
    const run = await box.program(["setpriv", "--groups=5,27", ...box.argv(["run", "-b", box.bundle, box.id])]);
    assert.equal(groupsOf(box, run), "5 27");
  },
  { needs: [needsProgram("setpriv")], peerDeviations: { runc: "knows no such annotation" } },
);

containerTest("process.user.umask is the umask", async (box) => {
  box.config.process.user.umask = 0o027;
  const [ids] = await box.look(["ids"]);
  assert.equal(ids.umask, 0o027);
});

containerTest("the umask is 022 unless the config says otherwise", async (box) => {
  box.setCommands(["ids"]);
  box.writeConfig();
  const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
  const result = await box.program(["sh", "-c", 'umask 0077; exec "$@"', "sh", ...argv]);
  const [ids] = box.reports(result.stdout, ["ids"]);
  assert.equal(ids.umask, 0o022);
});

containerTest("the process starts with every signal free and at its default", async (box) => {
  const [status] = await box.look(["cat", "/proc/self/status"]);
  const { SigBlk, SigIgn } = parseProcStatus(succeeded(status));
  assert.deepEqual([bitsOf(SigBlk ?? "1"), bitsOf(SigIgn ?? "1")], [[], []]);
});

containerTest("the process leads a session of its own", async (box) => {
  const [ids] = await box.look(["ids"]);
  assert.deepEqual([ids.pid, ids.sid, ids.pgid], [1, 1, 1]);
});

containerTest("the process has no descriptors but the standard streams", async (box) => {
  const fds = [box, box, box].map(() => 1);
  box.setCommands(["fds"]);
  const [report] = box.reports((await box.run([], { fds })).stdout, ["fds"]);
  assert.deepEqual(Object.keys(report), ["0", "1", "2"]);
});

for (const [count, expected] of [
  [1, ["0", "1", "2", "3"]],
  [2, ["0", "1", "2", "3", "4"]],
] as const) {
  containerTest(`--preserve-fds ${count} hands on ${count} of the caller's descriptors`, async (box) => {
    box.setCommands(["fds"]);
    const [report] = box.reports((await box.run(["--preserve-fds", String(count)], { fds: [1, 1, 1] })).stdout, [
      "fds",
    ]);
    assert.deepEqual(Object.keys(report), expected);
  });
}

containerTest("create --preserve-fds hands descriptors on to the later process", async (box) => {
  box.setCommands(["fds"]);
  const creation = box.launchCreate(["--preserve-fds", "2"], { fds: [1, 1] });
  assertSuccess(await creation.ended);
  await box.must("start");
  await creation.waitForOutput(/\n/);
  const [fds] = box.reports(creation.stdout, ["fds"]);
  assert.deepEqual(Object.keys(fds), ["0", "1", "2", "3", "4"]);
});

containerTest(
  "LISTEN_FDS hands on the descriptors of socket activation",
  async (box) => {
    box.setCommands(["fds"], ["env"]);
    box.writeConfig();
    const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
    // LISTEN_PID must be the runtime's own.
    const script = 'exec 3</dev/null 4</dev/zero; LISTEN_FDS=2 LISTEN_PID=$$ exec "$@"';
    const result = await box.program(["sh", "-c", script, "sh", ...argv]);
    assertSuccess(result);
    const [fds, env] = box.reports(result.stdout, ["fds"], ["env"]);
    assert.deepEqual(Object.keys(fds), ["0", "1", "2", "3", "4"]);
    assert.ok(env.includes("LISTEN_FDS=2"), env.join());
    assert.ok(env.includes("LISTEN_PID=1"), env.join());
  },
  { peerDeviations: { crun: "sets LISTEN_PID only" } },
);

/** What a container that printed its status says of its groups. */
function groupsOf(box: TestBox, result: ProgramResult): string | undefined {
  assertSuccess(result);
  return parseProcStatus(succeeded(box.reports(result.stdout, ["cat"])[0])).Groups?.trim();
}
