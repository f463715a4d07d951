import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { containerTest } from "../helpers/container-test.ts";
import { lookByExec, refusesExec, runningContainer } from "../helpers/exec-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { probeArgs, succeeded } from "../helpers/probe.ts";
import { bitsOf, parseProcStatus } from "../helpers/proc-status.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

containerTest(
  "exec runs as the container's own process does",
  async (box) => {
    Object.assign(box.config.process, {
      user: { uid: 1000, gid: 1001, additionalGids: [7, 1002], umask: 0o027 },
      cwd: "/tmp",
      env: ["PATH=/", "COLOR=blue"],
      rlimits: [{ type: "RLIMIT_NOFILE", soft: 321, hard: 654 }],
      oomScoreAdj: 123,
    });
    await runningContainer(box);
    const [ids, status, cwd, env, rlimits, score] = await lookByExec(
      box,
      [],
      ["ids"],
      ["cat", "/proc/self/status"],
      ["cwd"],
      ["env"],
      ["rlimits"],
      ["cat", "/proc/self/oom_score_adj"],
    );
    const { pid: _pid, ppid: _ppid, sid: _sid, pgid: _pgid, ...rest } = ids;
    assert.deepEqual(rest, { uid: 1000, gid: 1001, euid: 1000, egid: 1001, umask: 0o027 });
    assert.deepEqual(parseProcStatus(succeeded(status)).Groups?.split(" "), ["7", "1002"]);
    assert.equal(cwd, "/tmp");
    assert.deepEqual([...env].sort(), ["COLOR=blue", "HOME=/", "PATH=/"]);
    assert.deepEqual(rlimits.RLIMIT_NOFILE, [321, 654]);
    assert.equal(score, "123\n");
  },
  { peerDeviations: { runc: "1.1 has its own umask", crun: "1.8.1 has its own umask" } },
);

containerTest(
  "exec has the container's capabilities and no_new_privs, and is in a session of its own",
  async (box) => {
    const own = await box.started(["cat", "/proc/self/status"], ["sleep", "60000"]);
    await own.waitForOutput(/\n/);
    const [before] = box.reports(own.stdout, ["cat", "/proc/self/status"]);
    const [after, ids] = await lookByExec(box, [], ["cat", "/proc/self/status"], ["ids"]);
    const members = (status: string) => {
      const { CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs, Seccomp } = parseProcStatus(status);
      return { CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs, Seccomp };
    };
    assert.deepEqual(members(succeeded(after)), members(succeeded(before)));
    assert.deepEqual([ids.sid, ids.pgid], [ids.pid, ids.pid]);
  },
  { peerDeviations: { crun: "1.8.1 leaves no_new_privs out" } },
);

containerTest(
  "exec --env adds to the container's variables, and the last one of a name counts",
  async (box) => {
    box.config.process.env = ["PATH=/", "COLOR=blue", "SHAPE=round"];
    await runningContainer(box);
    const [env] = await lookByExec(box, ["-e", "COLOR=red", "-e", "SIZE=a=b,c", "-e", "COLOR=green"], ["env"]);
    assert.deepEqual([...env].sort(), ["COLOR=green", "HOME=/", "PATH=/", "SHAPE=round", "SIZE=a=b,c"]);
  },
  { peerDeviations: { crun: "1.8.1 keeps both" } },
);

containerTest(
  "exec --env refuses what is no variable, by name",
  async (box) => {
    await runningContainer(box);
    for (const entry of ["COLOR", "=red", ""]) {
      await refusesExec(box, ["--env", entry], ["env"], new RegExp(`"${entry}"`));
    }
  },
  { peerDeviations: { runc: "refuses only some", crun: "takes anything" } },
);

containerTest("exec --cwd is where the program starts", async (box) => {
  await runningContainer(box);
  assert.deepEqual(await lookByExec(box, ["--cwd", "/dev/shm"], ["cwd"]), ["/dev/shm"]);
});

containerTest(
  "exec --cwd refuses a directory that is not there, and makes none",
  async (box) => {
    box.config.root.readonly = false;
    await runningContainer(box);
    // podman would take the C library's words for a missing command.
    await refusesExec(box, ["--cwd", "/nosuch"], ["cwd"], /^(?!.*no such file)[^\n]*"\/nosuch"[^\n]*ENOENT/);
    await refusesExec(box, ["--cwd", "tmp"], ["cwd"], /"tmp"[^\n]*absolute/);
    const [files] = await lookByExec(box, [], ["ls", "/"]);
    assert.ok(!succeeded(files).includes("nosuch"));
  },
  { needs: [needsOurs] },
);

containerTest(
  "exec --user takes a user, and a group",
  async (box) => {
    box.config.process.user = { uid: 5, gid: 6 };
    await runningContainer(box);
    const [first] = await lookByExec(box, ["--user", "1000"], ["ids"]);
    assert.deepEqual([first.uid, first.gid], [1000, 6]);
    const [second] = await lookByExec(box, ["-u", "1000:1001"], ["ids"]);
    assert.deepEqual([second.uid, second.gid], [1000, 1001]);
  },
  { peerDeviations: { crun: "takes group 0 where none is named" } },
);

containerTest(
  "exec --user refuses what is no number, by name",
  async (box) => {
    await runningContainer(box);
    await refusesExec(box, ["--user", "root"], ["ids"], /root/);
  },
  { peerDeviations: { crun: "exits with 1" } },
);

containerTest(
  "exec --additional-gids adds groups",
  async (box) => {
    box.config.process.user.additionalGids = [7];
    await runningContainer(box);
    const [status] = await lookByExec(box, ["-g", "20", "-g", "30"], ["cat", "/proc/self/status"]);
    assert.deepEqual(parseProcStatus(succeeded(status)).Groups?.split(" "), ["7", "20", "30"]);
  },
  { peerDeviations: { crun: "does not have it" } },
);

containerTest(
  "exec --cap adds a capability, and makes none inheritable that was not",
  async (box) => {
    await runningContainer(box);
    const [before, after] = [
      await lookByExec(box, [], ["cat", "/proc/self/status"]),
      await lookByExec(box, ["--cap", "CAP_SYS_CHROOT"], ["cat", "/proc/self/status"]),
    ].map(([status]) => parseProcStatus(succeeded(status)));
    const SYS_CHROOT = 18;
    for (const set of ["CapBnd", "CapPrm", "CapEff"] as const) {
      const expected = [...bitsOf(before?.[set] ?? ""), SYS_CHROOT].sort((a, b) => a - b);
      assert.deepEqual(bitsOf(after?.[set] ?? ""), expected, set);
    }
    assert.deepEqual([after?.CapInh, after?.CapAmb], [before?.CapInh, before?.CapAmb]);
  },
  { peerDeviations: { crun: "1.8.1 makes it ambient" } },
);

containerTest(
  "exec --cap refuses a capability that does not exist",
  async (box) => {
    await runningContainer(box);
    await refusesExec(box, ["--cap", "CAP_NOSUCH"], ["ids"], /CAP_NOSUCH/);
  },
  { peerDeviations: { runc: "warns", crun: "1.8.1 says nothing" } },
);

containerTest("exec --no-new-privs sets it", async (box) => {
  box.config.process.noNewPrivileges = false;
  await runningContainer(box);
  const [before] = await lookByExec(box, [], ["cat", "/proc/self/status"]);
  const [after] = await lookByExec(box, ["--no-new-privs"], ["cat", "/proc/self/status"]);
  const values = [before, after].map((status) => parseProcStatus(succeeded(status)).NoNewPrivs);
  assert.deepEqual(values, ["0", "1"]);
});

containerTest("exec is under the container's seccomp filter", async (box) => {
  box.config.linux.seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 }],
  };
  box.config.root.readonly = false;
  await runningContainer(box);
  assert.deepEqual(await lookByExec(box, [], ["mkdir", "/new"]), [{ error: "ENOSPC" }]);
});

containerTest("exec --process takes the whole process from a file", async (box) => {
  box.config.process.env = ["PATH=/", "COLOR=blue"];
  await runningContainer(box);
  const file = writeProcess(box, {
    user: { uid: 12, gid: 34 },
    cwd: "/tmp",
    env: ["PATH=/", "SHAPE=round", "HOME=/home"],
    args: ["probe", ...probeArgs(["ids"], ["cwd"], ["env"], ["cat", "/proc/self/status"])],
    capabilities: { bounding: ["CAP_KILL"], permitted: [], effective: [], inheritable: [], ambient: [] },
  });
  const result = await box.runtime(["exec", "--process", file, box.id]);
  assertSuccess(result);
  const [ids, cwd, env, status] = box.reports(result.stdout, ["ids"], ["cwd"], ["env"], ["cat", "/proc/self/status"]);
  assert.deepEqual([ids.uid, ids.gid, cwd], [12, 34, "/tmp"]);
  assert.deepEqual([...env].sort(), ["HOME=/home", "PATH=/", "SHAPE=round"]);
  const { CapBnd, CapEff } = parseProcStatus(succeeded(status));
  assert.deepEqual([bitsOf(CapBnd ?? ""), bitsOf(CapEff ?? "")], [[5], []]);
});

containerTest(
  "exec --process names the file, the place and the rule of everything that is wrong",
  async (box) => {
    await runningContainer(box);
    const file = writeProcess(box, { user: { uid: 0, gid: 0 }, cwd: "tmp", args: [], env: ["=x"] });
    const result = await box.runtime(["exec", "-p", file, box.id]);
    assert.equal(result.status, 255);
    for (const part of [file, '/cwd: "tmp"', "/args:", "/env/0:"])
      assert.ok(result.stderr.includes(part), result.stderr);
  },
  { needs: [needsOurs] },
);

containerTest("exec --process refuses a file that is missing, and one that is no JSON", async (box) => {
  await runningContainer(box);
  for (const [name, text] of [["missing"], ["broken", '{"cwd": "/",']] as const) {
    if (text !== undefined) writeFileSync(box.path(name), text);
    const result = await box.runtime(["exec", "--process", box.path(name), box.id]);
    assert.notEqual(result.status, 0);
    assert.doesNotMatch(result.stderr, /executable file/);
  }
});

containerTest(
  "process.execCPUAffinity says where the program runs, before and in the container's cgroups",
  async (box) => {
    await runningContainer(box);
    const args = ["/probe", "cat", "/proc/self/status"];
    for (const [affinity, expected] of [
      [{ initial: "0", final: "1" }, "1"],
      [{ initial: "0" }, `0-${availableParallelism() - 1}`],
      [{ final: "0" }, "0"],
    ] as const) {
      const file = writeProcess(box, { user: { uid: 0, gid: 0 }, cwd: "/", args, execCPUAffinity: affinity });
      const result = await box.runtime(["exec", "--process", file, box.id]);
      assertSuccess(result);
      const [status] = box.reports(result.stdout, ["cat", "/proc/self/status"]);
      assert.equal(parseProcStatus(succeeded(status)).Cpus_allowed_list, expected, JSON.stringify(affinity));
    }
  },
  {
    needs: [() => (availableParallelism() < 2 ? "needs two processors" : undefined)],
    peerDeviations: { runc: "1.1 does not have it", crun: "1.8.1 does not have it" },
  },
);

function writeProcess(box: TestBox, process: Readonly<Record<string, unknown>>): string {
  const file = box.path("process.json");
  writeFileSync(file, JSON.stringify(process));
  return file;
}
