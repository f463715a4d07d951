import assert from "node:assert/strict";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsOurs, needsProgram } from "../helpers/needs.ts";
import { GROUP_ID, NEEDS_ORDINARY_USER, OrdinaryUser, SUBORDINATE, USER_ID } from "../helpers/ordinary-user.ts";
import { succeeded } from "../helpers/probe.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const PODMAN: ContainerTestOptions = {
  needs: [...NEEDS_ORDINARY_USER, needsOurs, ...["newuidmap", "podman", "conmon"].map(needsProgram)],
};

/** Podman's own defaults of limits lie above those of some machines. */
const CONTAINERS_CONF = `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

containerTest(
  "podman of an ordinary user runs containers, which is root of a user namespace then",
  async (box) => {
    const podman = openPodman(box);
    try {
      const { stdout } = await podman("run", "--rm", ...container(box), "ids", "--", "cat", "/proc/self/uid_map");
      const [ids, map] = box.reports(stdout, ["ids"], ["cat"]);
      assert.equal(ids.uid, 0);
      assert.deepEqual(succeeded(map).trim().split(/\s+/).map(Number), [
        ...[0, USER_ID, 1],
        ...[1, SUBORDINATE.first, SUBORDINATE.count],
      ]);
      const other = await podman("run", "--rm", "--user", "1000:1001", "--group-add", "7", ...container(box), "ids");
      const [{ uid, gid }] = box.reports(other.stdout, ["ids"]);
      assert.deepEqual([uid, gid], [1000, 1001]);
    } finally {
      await podman("system", "migrate");
    }
  },
  PODMAN,
);

containerTest(
  "podman of an ordinary user makes namespaces of other mappings below its own",
  async (box) => {
    const podman = openPodman(box);
    try {
      const { stdout } = await podman("run", "--rm", "--userns", "keep-id", ...container(box), "ids");
      const [{ uid, gid }] = box.reports(stdout, ["ids"]);
      assert.deepEqual([uid, gid], [USER_ID, GROUP_ID]);
    } finally {
      await podman("system", "migrate");
    }
  },
  PODMAN,
);

containerTest(
  "podman of an ordinary user detaches, executes, binds and removes",
  async (box) => {
    const podman = openPodman(box);
    try {
      const volume = ["--volume", "/etc:/host-etc:ro", "--read-only"];
      await podman("run", "--detach", "--name", box.id, ...volume, ...container(box), "sleep", "60000");
      const { stdout } = await podman("exec", box.id, "/probe", "ids", "--", "cat", "/host-etc/passwd");
      const [ids, passwd] = box.reports(stdout, ["ids"], ["cat"]);
      assert.equal(ids.uid, 0);
      assert.match(succeeded(passwd), /mdr-test-user/);
      await podman("rm", "--force", "--time", "0", box.id);
    } finally {
      await podman("system", "migrate");
    }
  },
  PODMAN,
);

/** A root that the user owns, so that no image is needed. */
function container(box: TestBox): readonly string[] {
  return ["--network", "none", "--rootfs", box.rootfs, "/probe"];
}

type Podman = (...args: readonly string[]) => Promise<ProgramResult>;

/** podman of the user's own, with settings, storage and state in the box; each call must succeed. */
function openPodman(box: TestBox): Podman {
  const user = new OrdinaryUser(box, { hasSubordinateIds: true });
  const home = box.path("home");
  mkdirSync(home);
  chownSync(home, USER_ID, GROUP_ID);
  const settings = join(box.directory, "containers.conf");
  writeFileSync(settings, CONTAINERS_CONF);
  const flags = ["--runtime", user.runtimePath, "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"];
  return async (...args) => {
    const options = { env: { HOME: home, CONTAINERS_CONF: settings } };
    const result = await user.program(["podman", ...flags, ...args], options);
    assertSuccess(result);
    return result;
  };
}
