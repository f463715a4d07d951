import assert from "node:assert/strict";
import { chmodSync, chownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV2, needsOurs, needsPath, needsProgram, needsSystemd } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";
import { assertNoUnits } from "../helpers/systemd.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

/** "nobody": a user's manager needs an account that the host knows. */
const USER_ID = 65_534;
const MIB = 1024 * 1024;
const OPTIONS: ContainerTestOptions = {
  needs: [needsSystemd, needsCgroupV2("memory"), needsProgram("setpriv"), needsOurs],
};

containerTest(
  "the manager of an ordinary user makes the scope, with the limits that are delegated to it",
  async (box) => {
    await startManager(box);
    box.config.linux.cgroupsPath = `user.slice:tests:${box.id}`;
    box.config.linux.resources = { memory: { limit: 64 * MIB }, pids: { limit: 10 }, cpu: { shares: 512 } };
    box.setCommands(["fork", "20"], ["cat", "/proc/self/cgroup"], ["cat", "/proc/self/uid_map"]);
    const result = await run(box);
    assertSuccess(result);
    const [fork, cgroup] = box.reports(
      result.stdout,
      ["fork", "20"],
      ["cat", "/proc/self/cgroup"],
      ["cat", "/proc/self/uid_map"],
    );
    assert.deepEqual(fork, { forked: 9, error: "EAGAIN" });
    const unit = `tests-${box.id}.scope`;
    const manager = `/user.slice/user-${USER_ID}.slice/user@${USER_ID}.service`;
    assert.equal(succeeded(cgroup), `0::${manager}/user.slice/${unit}\n`);
    await assertNoUnits(box, asUser(["systemctl", "--user"]));
  },
  OPTIONS,
);

containerTest(
  "update, pause and exec work in a user's scope",
  async (box) => {
    await startManager(box);
    box.config.linux.cgroupsPath = `user.slice:tests:${box.id}`;
    box.config.linux.resources = {};
    box.setCommands(["sleep", "600000"]);
    prepare(box);
    assertSuccess(await user(box, "--systemd-cgroup", "run", "--detach", "--bundle", box.bundle, box.id));
    assertSuccess(await user(box, "--systemd-cgroup", "update", "--pids-limit=23", box.id));
    const unit = `tests-${box.id}.scope`;
    const shown = await box.program(asUser(["systemctl", "--user", "show", "--property=TasksMax", unit]));
    assert.equal(shown.stdout, "TasksMax=23\n");
    assertSuccess(await user(box, "pause", box.id));
    assertSuccess(await user(box, "resume", box.id));
    const command = ["exec", box.id, "/probe", "cat", "/proc/self/cgroup"];
    // Between cgroups of its own alone can a user move processes: from elsewhere, as from a login, the manager does it.
    const scope = ["systemd-run", "--user", "--scope", "--quiet", "--collect"];
    for (const from of [scope, []]) {
      const exec = await box.program(asUser([...from, ...runtimeArgv(box), ...command]));
      assert.match(exec.stdout, new RegExp(unit), JSON.stringify(exec));
    }
    assertSuccess(await user(box, "delete", "--force", box.id));
    await assertNoUnits(box, asUser(["systemctl", "--user"]));
  },
  OPTIONS,
);

containerTest(
  "a controller that is delegated to the user's manager limits, also one that it does not have by default",
  async (box) => {
    await startManager(box);
    box.config.linux.cgroupsPath = `user.slice:tests:${box.id}`;
    box.config.linux.resources = { cpu: { cpus: "0" }, memory: { limit: 32 * MIB, swap: 32 * MIB } };
    box.setCommands(["cat", "/proc/self/status"], ["alloc", String(128 * MIB)]);
    const result = await run(box);
    assert.equal(result.status, 137, result.stderr);
    assert.match(result.stdout, /Cpus_allowed_list:\\u00090\\u000a/);
    await assertNoUnits(box, asUser(["systemctl", "--user"]));
  },
  { needs: [...(OPTIONS.needs ?? []), needsPath("/run/systemd/system/user@.service.d/delegate.conf")] },
);

containerTest(
  "a limit whose controller is not delegated to the user is refused",
  async (box) => {
    await startManager(box);
    box.config.linux.cgroupsPath = `user.slice:tests:${box.id}`;
    box.config.linux.resources = { unified: { "hugetlb.2MB.max": "0" } };
    box.setCommands(["cwd"]);
    const { status, stderr } = await run(box);
    assert.notEqual(status, 0);
    assert.match(stderr, /\/linux\/resources\/unified\/hugetlb\.2MB\.max: .*controller hugetlb/);
  },
  OPTIONS,
);

async function startManager(box: TestBox): Promise<void> {
  assertSuccess(await box.program(["systemctl", "start", `user@${USER_ID}.service`]));
}

function asUser(argv: readonly string[]): readonly string[] {
  const identity = [`--reuid=${USER_ID}`, `--regid=${USER_ID}`, "--clear-groups"];
  return ["setpriv", ...identity, "env", `XDG_RUNTIME_DIR=/run/user/${USER_ID}`, ...argv];
}

function runtimeArgv(box: TestBox): readonly string[] {
  return [RUNTIME.path, "--root", box.stateRoot];
}

function user(box: TestBox, ...args: readonly string[]): Promise<ProgramResult> {
  return box.program(asUser([...runtimeArgv(box), ...args]));
}

function run(box: TestBox): Promise<ProgramResult> {
  prepare(box);
  return user(box, "--systemd-cgroup", "run", "--bundle", box.bundle, box.id);
}

/** The user's own ids in a user namespace, and files that belong to it. */
function prepare(box: TestBox): void {
  const { config } = box;
  config.linux.namespaces = ["pid", "mount", "user"].map((type) => ({ type }));
  config.linux.uidMappings = [{ containerID: 0, hostID: USER_ID, size: 1 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: USER_ID, size: 1 }];
  config.mounts = config.mounts.filter(({ type }) => type === "proc" || type === "tmpfs");
  delete config.process.rlimits;
  delete config.hostname;
  box.writeConfig();
  chmodSync(box.directory, 0o755);
  const directories = readdirSync(box.rootfs).map((name) => join(box.rootfs, name));
  for (const path of [box.stateRoot, box.bundle, box.rootfs, ...directories]) chownSync(path, USER_ID, USER_ID);
}
