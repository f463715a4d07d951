import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { needsCgroupV1, needsPath } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";

const DEFAULT_DEVICES = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
} as const;
const DEFAULT_LINKS = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
};

for (const [name, [major, minor]] of Object.entries(DEFAULT_DEVICES)) {
  containerTest(`/dev/${name} is there`, async (box) => {
    const [stat, opened] = await box.look(["stat", `/dev/${name}`], ["open", `/dev/${name}`, "rw"]);
    const { type, mode, uid, gid, ...rest } = succeeded(stat);
    assert.deepEqual({ type, mode, uid, gid }, { type: "char", mode: "0666", uid: 0, gid: 0 });
    assert.deepEqual([rest.major, rest.minor], [major, minor]);
    // Without a terminal there is nothing behind /dev/tty.
    assert.deepEqual(opened, name === "tty" ? { error: "ENXIO" } : { ok: true });
  });
}

for (const [name, target] of Object.entries(DEFAULT_LINKS)) {
  containerTest(`/dev/${name} is a link to ${target}`, async (box) => {
    assert.deepEqual(await box.look(["readlink", `/dev/${name}`]), [target]);
  });
}

containerTest("/dev/ptmx opens a terminal of the container's own", async (box) => {
  const [link, opened] = await box.look(["readlink", "/dev/ptmx"], ["open", "/dev/ptmx", "rw"]);
  assert.ok(link === "pts/ptmx" || link === "/dev/pts/ptmx", JSON.stringify(link));
  assert.deepEqual(opened, { ok: true });
});

containerTest("there is no /dev/console without a terminal", async (box) => {
  assert.deepEqual(await box.look(["stat", "/dev/console"]), [{ error: "ENOENT" }]);
});

containerTest("linux.devices are made with their numbers, mode and owner", async (box) => {
  box.config.linux.devices = [
    { path: "/dev/char", type: "c", major: 1, minor: 5, fileMode: 0o640, uid: 1, gid: 2 },
    { path: "/dev/unbuffered", type: "u", major: 1, minor: 9 },
    { path: "/dev/block", type: "b", major: 7, minor: 200, fileMode: 0o600 },
    { path: "/dev/sub/dir/fifo", type: "p", fileMode: 0o622 },
  ];
  const [char, unbuffered, block, fifo] = await box.look(
    ["stat", "/dev/char"],
    ["stat", "/dev/unbuffered"],
    ["stat", "/dev/block"],
    ["stat", "/dev/sub/dir/fifo"],
  );
  const { atimeNs: _, ...stat } = succeeded(char);
  assert.deepEqual(stat, { type: "char", mode: "0640", uid: 1, gid: 2, size: 0, major: 1, minor: 5 });
  assert.deepEqual([succeeded(unbuffered).type, succeeded(unbuffered).minor], ["char", 9]);
  assert.deepEqual([succeeded(block).type, succeeded(block).major, succeeded(block).minor], ["block", 7, 200]);
  assert.deepEqual([succeeded(fifo).type, succeeded(fifo).mode], ["fifo", "0622"]);
});

containerTest("a slash behind the path of a device changes nothing", async (box) => {
  box.config.linux.devices = [
    { path: "/dev/named/", type: "c", major: 1, minor: 5 },
    { path: "/dev/null/", type: "c", major: 1, minor: 3, fileMode: 0o622 },
  ];
  const [named, nothing] = await box.look(["stat", "/dev/named"], ["stat", "/dev/null"]);
  assert.equal(succeeded(named).minor, 5);
  assert.equal(succeeded(nothing).mode, "0622");
});

containerTest("linux.devices are not masked by the runtime's own umask", async (box) => {
  box.config.linux.devices = [{ path: "/dev/open", type: "c", major: 1, minor: 5, fileMode: 0o666 }];
  box.setCommands(["stat", "/dev/open"], ["stat", "/dev/null"]);
  box.writeConfig();
  const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
  const result = await box.program(["sh", "-c", 'umask 0077; exec "$@"', "sh", ...argv]);
  for (const stat of box.reports(result.stdout, ["stat", ""], ["stat", ""])) assert.equal(succeeded(stat).mode, "0666");
});

containerTest(
  "a device whose path holds something else is refused",
  async (box) => {
    box.config.mounts = box.config.mounts.filter(({ destination }) => !destination.startsWith("/dev"));
    box.config.root.readonly = false;
    box.config.linux.devices = [{ path: "/taken", type: "c", major: 1, minor: 5, fileMode: 0o666 }];
    writeFileSync(box.inRootfs("taken"), "text");
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /taken/);
  },
  { peerDeviations: { runc: "keeps what is there", crun: "keeps what is there" } },
);

const CGROUP = { needs: [needsCgroupV1("devices"), needsPath("/dev/fuse")] };

containerTest(
  "linux.resources.devices keep a device closed though its node is there",
  async (box) => {
    box.config.linux.devices = [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666 }];
    const [opened, made] = await box.look(["open", "/dev/fuse", "r"], ["open", "/dev/null", "rw"]);
    assert.deepEqual([opened, made], [{ error: "EPERM" }, { ok: true }]);
  },
  CGROUP,
);

containerTest(
  "linux.resources.devices open a device, for the named kind of access only",
  async (box) => {
    box.config.linux.devices = [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666 }];
    box.config.linux.resources.devices = [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", major: 10, minor: 229, access: "r" },
    ];
    const [read, write] = await box.look(["open", "/dev/fuse", "r"], ["open", "/dev/fuse", "w"]);
    assert.deepEqual([read, write], [{ ok: true }, { error: "EPERM" }]);
  },
  CGROUP,
);

containerTest(
  "linux.resources.devices take a wildcard",
  async (box) => {
    box.config.linux.devices = [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666 }];
    box.config.linux.resources.devices = [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", major: 10, access: "rw" },
    ];
    assert.deepEqual(await box.look(["open", "/dev/fuse", "rw"]), [{ ok: true }]);
  },
  CGROUP,
);

containerTest(
  "later linux.resources.devices count more than earlier ones",
  async (box) => {
    box.config.linux.devices = [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666 }];
    box.config.linux.resources.devices = [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", major: 10, minor: 229, access: "rw" },
      { allow: false, type: "c", major: 10, minor: 229, access: "w" },
    ];
    const [read, write] = await box.look(["open", "/dev/fuse", "r"], ["open", "/dev/fuse", "w"]);
    assert.deepEqual([read, write], [{ ok: true }, { error: "EPERM" }]);
  },
  CGROUP,
);
