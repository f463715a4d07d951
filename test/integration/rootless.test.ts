import assert from "node:assert/strict";
import { readFileSync, readlinkSync, statSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { NEEDS_ORDINARY_USER, type OrdinaryUser, refusalOf, rootlessUser, USER_ID } from "../helpers/ordinary-user.ts";
import { succeeded } from "../helpers/probe.ts";
import { parseProcStatus } from "../helpers/proc-status.ts";
import { Terminal } from "../helpers/terminal.ts";
import { assertSuccess } from "../helpers/test-box.ts";

const ALL: ContainerTestOptions = { needs: NEEDS_ORDINARY_USER };
const OURS: ContainerTestOptions = { needs: [...NEEDS_ORDINARY_USER, needsOurs] };

containerTest(
  "an ordinary user runs what spec --rootless writes, as root of its own user namespace",
  async (box) => {
    const user = await rootlessUser(box);
    const [ids, map, status] = await user.look(["ids"], ["cat", "/proc/self/uid_map"], ["cat", "/proc/self/status"]);
    assert.deepEqual([ids.uid, ids.gid], [0, 0]);
    assert.deepEqual(succeeded(map).trim().split(/\s+/).map(Number), [0, USER_ID, 1]);
    assert.equal(parseProcStatus(succeeded(status)).NoNewPrivs, "1");
  },
  ALL,
);

containerTest(
  "every verb works for the user who made the container",
  async (box) => {
    const user = await rootlessUser(box);
    box.setCommands(["sleep", "60000"]);
    const pidFile = `${user.runtimeDirectory}/pid`;
    await user.created(["--pid-file", pidFile]);
    const { pid, status } = await stateOf(user);
    assert.deepEqual([status, readFileSync(pidFile, "utf8")], ["created", String(pid)]);
    assert.equal(statSync(`/proc/${pid}`).uid, USER_ID);
    await user.must("start");
    const exec = await user.runtime(["exec", box.id, "/probe", "ids"]);
    assertSuccess(exec);
    assert.equal(box.reports(exec.stdout, ["ids"])[0].uid, 0);
    const list = await user.runtime(["list", "--format", "json"]);
    assert.deepEqual(
      JSON.parse(list.stdout).map(({ id, owner }: { id: string; owner: string }) => [id, owner]),
      [[box.id, "mdr-test-user"]],
    );
    await user.must("kill", "KILL");
    await box.waitForStatus("stopped");
    await user.must("delete");
    assert.equal((await user.runtime(["state", box.id])).status, 1);
  },
  ALL,
);

containerTest(
  "run and exec give an ordinary user a terminal",
  async (box) => {
    const user = await rootlessUser(box);
    box.config.process.terminal = true;
    box.setCommands(["tty"], ["sleep", "60000"]);
    box.writeConfig();
    const run = Terminal.run(24, 80, user.runtimeArgv(["run", "--bundle", box.bundle, box.id]));
    try {
      await run.waitFor(/"isControlling":true/);
      const exec = Terminal.run(25, 81, user.runtimeArgv(["exec", "--tty", box.id, "/probe", "tty"]));
      try {
        await exec.waitFor(/"columns":81/);
        assert.equal((await exec.ended()).status, 0);
      } finally {
        exec.close();
      }
      await user.must("kill", "KILL");
      assert.equal((await run.ended()).status, 137);
    } finally {
      run.close();
    }
  },
  ALL,
);

containerTest(
  "root uses and deletes what an ordinary user has made",
  async (box) => {
    const user = await rootlessUser(box);
    // To set limits of another user's process takes CAP_SYS_RESOURCE, which even root may lack.
    delete box.config.process.rlimits;
    box.setCommands(["sleep", "60000"]);
    assertSuccess(await user.run(["--detach"]));
    const exec = await box.runtime(["exec", box.id, "/probe", "ids"]);
    assertSuccess(exec);
    assert.equal(box.reports(exec.stdout, ["ids"])[0].uid, 0);
    await box.must("delete", "--force");
  },
  ALL,
);

containerTest(
  "the state root of a user is below $XDG_RUNTIME_DIR, closed, and kept from being tidied up",
  async (box) => {
    const user = await rootlessUser(box);
    box.setCommands(["ids"]);
    box.writeConfig();
    assertSuccess(await user.runtimeAlone(["run", "--bundle", box.bundle, box.id]));
    const { mode, uid } = statSync(`${user.runtimeDirectory}/mydocker-runtime`);
    assert.deepEqual([(mode & 0o7777).toString(8), uid], ["1700", USER_ID]);
  },
  OURS,
);

containerTest(
  "a user without $XDG_RUNTIME_DIR is told what to set",
  async (box) => {
    const user = await rootlessUser(box);
    box.writeConfig();
    const run = ["run", "--bundle", box.bundle, box.id];
    const refusal = refusalOf(await user.runtimeAlone(run, { env: { XDG_RUNTIME_DIR: "" } }));
    assert.match(refusal, /--root\); fix: name a directory that this user can write to, or set XDG_RUNTIME_DIR to one/);
  },
  OURS,
);

containerTest(
  "a container without a user namespace is refused to an ordinary user, with what to add",
  async (box) => {
    const user = await rootlessUser(box);
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "user");
    delete box.config.linux.uidMappings;
    delete box.config.linux.gidMappings;
    const refusal = refusalOf(await user.run());
    assert.match(refusal, /\/linux\/namespaces: has no user namespace, and without one only root can make a container/);
    assert.match(refusal, new RegExp(`"uidMappings": \\[\\{"containerID": 0, "hostID": ${USER_ID}, "size": 1\\}\\]`));
  },
  OURS,
);

containerTest(
  "user namespaces that a kernel parameter forbids are named with it",
  async (box) => {
    const forbid = "echo 0 > /proc/sys/user/max_user_namespaces";
    const through = ["unshare", "--map-root-user", "sh", "-c", `${forbid} && exec "$@"`, "sh"];
    const user = await rootlessUser(box, { through });
    box.config.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }];
    box.config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 1 }];
    const refusal = refusalOf(await user.run());
    assert.match(refusal, /user\.max_user_namespaces = 0 forbids user namespaces; fix: as root: sysctl -w user\.max/);
  },
  OURS,
);

containerTest(
  "hooks of an ordinary user run as that user",
  async (box) => {
    const user = await rootlessUser(box);
    const output = `${user.runtimeDirectory}/hook`;
    box.config.hooks = {
      createRuntime: [
        { path: "/bin/sh", args: ["sh", "-c", `id -u > ${output}; readlink /proc/self/ns/user >> ${output}`] },
      ],
    };
    await user.look(["ids"]);
    assert.deepEqual(readFileSync(output, "utf8").trim().split("\n"), [
      String(USER_ID),
      readlinkSync("/proc/self/ns/user"),
    ]);
  },
  ALL,
);

containerTest(
  "validate tells an ordinary user what only root can do with a config",
  async (box) => {
    const user = await rootlessUser(box);
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "user");
    delete box.config.linux.uidMappings;
    delete box.config.linux.gidMappings;
    box.config.process.args = ["/probe"];
    box.writeConfig();
    const { status, stdout } = await user.runtime(["validate", "--bundle", box.bundle]);
    assert.match(stdout, /has no user namespace.*\(for this user; root can\)/);
    assert.equal(status, 0);
  },
  OURS,
);

async function stateOf(user: OrdinaryUser): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse((await user.must("state")).stdout);
}
