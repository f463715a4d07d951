import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";
import { mountAt, parseMountTable } from "../helpers/mount-table.ts";
import { needsCgroupV1, needsKernel, needsUserNamespaces } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import type { TestBox } from "../helpers/test-box.ts";
import { FIRST_HOST_ID, useUserNamespace } from "../helpers/user-namespace.ts";

containerTest("a bind mount shows a directory of the host", async (box) => {
  const source = hostDirectory(box, "shared");
  box.config.mounts.push({ destination: "/mnt", type: "bind", source, options: ["bind"] });
  const [text, write] = await box.look(["cat", "/mnt/file"], ["write", "/mnt/new", "from inside"]);
  assert.deepEqual([text, write], ["text", { ok: true }]);
  assert.equal(readFileSync(join(source, "new"), "utf8"), "from inside");
});

containerTest("a bind mount shows a file of the host, and makes the place for it", async (box) => {
  const source = join(hostDirectory(box, "shared"), "file");
  box.config.mounts.push({ destination: "/etc/deep/file", type: "bind", source, options: ["bind", "ro"] });
  const [text, write] = await box.look(["cat", "/etc/deep/file"], ["write", "/etc/deep/file", "x"]);
  assert.deepEqual([text, write], ["text", { error: "EROFS" }]);
});

containerTest("a bind mount needs no type, and a type of none will do", async (box) => {
  const source = hostDirectory(box, "shared");
  box.config.mounts.push({ destination: "/mnt", source, options: ["bind"] });
  box.config.mounts.push({ destination: "/media", type: "none", source, options: ["rbind"] });
  assert.deepEqual(await box.look(["cat", "/mnt/file"], ["cat", "/media/file"]), ["text", "text"]);
});

containerTest("a relative source of a bind mount is relative to the bundle", async (box) => {
  mkdirSync(join(box.bundle, "data"));
  writeFileSync(join(box.bundle, "data/file"), "text");
  box.config.mounts.push({ destination: "/mnt", type: "bind", source: "data", options: ["bind"] });
  assert.deepEqual(await box.look(["cat", "/mnt/file"]), ["text"]);
});

containerTest("a bind mount without its source fails, names it and leaves nothing", async (box) => {
  box.config.mounts.push({ destination: "/mnt", type: "bind", source: box.path("nowhere"), options: ["bind"] });
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nowhere/);
  assert.doesNotMatch(result.stderr, /executable file not found/);
  assert.ok(!existsSync(box.path("nowhere")));
});

containerTest("rbind takes the mounts below along, bind does not", async (box) => {
  const source = hostDirectory(box, "tree");
  mkdirSync(join(source, "inner"));
  box.mountOnHost(join(source, "inner"));
  writeFileSync(join(source, "inner/file"), "below");
  box.config.mounts.push({ destination: "/rbind", type: "bind", source, options: ["rbind"] });
  box.config.mounts.push({ destination: "/bind", type: "bind", source, options: ["bind"] });
  const [below, hidden] = await box.look(["cat", "/rbind/inner/file"], ["cat", "/bind/inner/file"]);
  assert.deepEqual([below, hidden], ["below", { error: "ENOENT" }]);
});

containerTest("mounts are made in their order", async (box) => {
  const source = hostDirectory(box, "shared");
  box.config.mounts.push({ destination: "/tmp", type: "tmpfs", source: "tmpfs" });
  box.config.mounts.push({ destination: "/tmp/a/b", type: "bind", source, options: ["bind"] });
  box.config.mounts.push({ destination: "/tmp/a/b", type: "tmpfs", source: "tmpfs" });
  const [names, table] = await box.look(["ls", "/tmp/a/b"], ["cat", "/proc/self/mountinfo"]);
  assert.deepEqual(names, []);
  const points = parseMountTable(succeeded(table)).map(({ point }) => point);
  assert.deepEqual(
    points.filter((point) => point.startsWith("/tmp")),
    ["/tmp", "/tmp/a/b", "/tmp/a/b"],
  );
});

containerTest("a tmpfs has its size, mode, owner and number of files", async (box) => {
  const options = ["size=128k", "mode=1711", "uid=5", "gid=6", "nr_inodes=10"];
  box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "scratch", options });
  const [stat, statfs, table] = await box.look(["stat", "/mnt"], ["statfs", "/mnt"], ["cat", "/proc/self/mountinfo"]);
  const { mode, uid, gid } = succeeded(stat);
  assert.deepEqual({ mode, uid, gid }, { mode: "1711", uid: 5, gid: 6 });
  assert.deepEqual(succeeded(statfs), { bytes: 131_072, files: 10 });
  assert.equal(mountAt(succeeded(table), "/mnt")?.source, "scratch");
});

containerTest("a tmpfs hides what the root has there", async (box) => {
  mkdirSync(box.inRootfs("data"));
  writeFileSync(box.inRootfs("data/file"), "text");
  box.config.mounts.push({ destination: "/data", type: "tmpfs", source: "tmpfs" });
  assert.deepEqual(await box.look(["ls", "/data"]), [[]]);
});

containerTest("tmpcopyup fills a tmpfs with what the root has there", async (box) => {
  mkdirSync(box.inRootfs("data/sub"), { recursive: true });
  writeFileSync(box.inRootfs("data/file"), "text");
  writeFileSync(box.inRootfs("data/sub/file"), "below");
  chmodSync(box.inRootfs("data/file"), 0o640);
  box.config.mounts.push({ destination: "/data", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"] });
  const [file, below, stat, table, write] = await box.look(
    ["cat", "/data/file"],
    ["cat", "/data/sub/file"],
    ["stat", "/data/file"],
    ["cat", "/proc/self/mountinfo"],
    ["write", "/data/new", "text"],
  );
  assert.deepEqual([file, below, succeeded(stat).mode, write], ["text", "below", "0640", { ok: true }]);
  assert.equal(mountAt(succeeded(table), "/data")?.type, "tmpfs");
  assert.ok(!existsSync(box.inRootfs("data/new")));
});

for (const type of ["proc", "sysfs", "devpts", "mqueue", "tmpfs"]) {
  containerTest(`a mount of type ${type} is one`, async (box) => {
    const found = box.config.mounts.find((mount) => mount.type === type);
    const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
    assert.equal(mountAt(succeeded(table), found?.destination ?? "")?.type, type);
  });
}

containerTest("proc and sysfs show the container's own namespaces", async (box) => {
  const [processes, devices] = await box.look(["ls", "/proc"], ["ls", "/sys/class/net"]);
  assert.deepEqual(
    succeeded(processes).filter((name) => /^\d+$/.test(name)),
    ["1"],
  );
  assert.ok(succeeded(devices).includes("lo"));
});

containerTest("devpts makes terminals of the container's own", async (box) => {
  const [names, opened] = await box.look(["ls", "/dev/pts"], ["open", "/dev/pts/ptmx", "rw"]);
  assert.deepEqual([names, opened], [["ptmx"], { ok: true }]);
});

containerTest("an overlay joins its layers and keeps the writes in its upper directory", async (box) => {
  const [lower, upper, work] = ["lower", "upper", "work"].map((name) => hostDirectory(box, name));
  await box.program(["rm", `${upper}/file`, `${work}/file`]);
  const options = [`lowerdir=${lower}`, `upperdir=${upper}`, `workdir=${work}`];
  box.config.mounts.push({ destination: "/mnt", type: "overlay", source: "overlay", options });
  const [text, write] = await box.look(["cat", "/mnt/file"], ["write", "/mnt/new", "upper"]);
  assert.deepEqual([text, write], ["text", { ok: true }]);
  assert.equal(readFileSync(`${upper}/new`, "utf8"), "upper");
  assert.ok(!existsSync(`${lower}/new`));
});

containerTest(
  "a mount of type cgroup shows the container's own cgroups, read-only",
  async (box) => {
    box.config.linux.resources.memory = { limit: 33_554_432 };
    const [names, limit, write] = await box.look(
      ["ls", "/sys/fs/cgroup"],
      ["cat", "/sys/fs/cgroup/memory/memory.limit_in_bytes"],
      ["mkdir", "/sys/fs/cgroup/memory/inner"],
    );
    for (const controller of ["memory", "pids", "devices", "freezer"]) assert.ok(succeeded(names).includes(controller));
    assert.deepEqual([limit, write], ["33554432\n", { error: "EROFS" }]);
  },
  { needs: [needsCgroupV1("memory"), needsCgroupV1("pids")] },
);

containerTest(
  "a writable mount of type cgroup lets the container make cgroups",
  async (box) => {
    const mount = box.config.mounts.find(({ type }) => type === "cgroup");
    assert.ok(mount?.options);
    mount.options = mount.options.filter((option) => option !== "ro");
    assert.deepEqual(await box.look(["mkdir", "/sys/fs/cgroup/pids/inner"]), [{ ok: true }]);
  },
  { needs: [needsCgroupV1("pids")] },
);

for (const option of ["idmap", "ridmap"]) {
  containerTest(
    `${option} shows the files with other owners`,
    async (box) => {
      const source = hostDirectory(box, "shared");
      const mapping = [{ containerID: 0, hostID: 70_000, size: 1000 }];
      box.config.mounts.push({
        destination: "/mnt",
        type: "bind",
        source,
        options: ["rbind", option],
        uidMappings: mapping,
        gidMappings: mapping,
      });
      const [stat] = await box.look(["stat", "/mnt/file"]);
      const { uid, gid } = succeeded(stat);
      assert.deepEqual([uid, gid], [70_000, 70_000]);
    },
    {
      needs: [needsKernel(5, 12)],
      peerDeviations: { runc: "1.1.5 has no id-mapped mounts", crun: "1.8.1 maps the other way" },
    },
  );
}

describe("a bind mount of a source that is mounted nosuid,nodev,noexec,noatime", () => {
  const SOURCE = ["nosuid", "nodev", "noexec", "noatime"];
  const CASES: readonly { title: string; options: string[]; hasUser?: boolean; flags: readonly string[] }[] = [
    { title: "without options keeps them", options: [], flags: ["rw", ...SOURCE] },
    { title: "with a propagation alone keeps them", options: ["rprivate"], flags: ["rw", ...SOURCE] },
    { title: "with ro has that alone, but for the access times", options: ["ro"], flags: ["ro", "noatime"] },
    { title: "with suid has none of them, but for the access times", options: ["suid"], flags: ["rw", "noatime"] },
    { title: "with nodev and strictatime has these", options: ["nodev", "strictatime"], flags: ["rw", "nodev"] },
    { title: "in a user namespace keeps them", options: ["ro"], hasUser: true, flags: ["ro", ...SOURCE] },
  ];

  for (const { title, options, hasUser = false, flags } of CASES) {
    containerTest(
      title,
      async (box) => {
        const source = hostDirectory(box, "source");
        box.mountOnHost(source, `mode=755,${SOURCE.join()}`);
        if (hasUser) await useUserNamespace(box);
        box.config.mounts.push({ destination: "/mnt", type: "bind", source, options: ["bind", ...options] });
        const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
        assert.deepEqual([...(mountAt(succeeded(table), "/mnt")?.options ?? [])].sort(), [...flags].sort());
      },
      { needs: [needsUserNamespaces], peerDeviations: { runc: "1.1.5 keeps less", crun: "1.8.1 keeps them" } },
    );
  }
});

containerTest(
  "a tmpfs without a mode of its own has the one of the directory that it covers, and shows it",
  async (box) => {
    mkdirSync(box.inRootfs("covered"), { mode: 0o710 });
    for (const destination of ["/covered", "/new"]) {
      box.config.mounts.push({ destination, type: "tmpfs", source: "tmpfs" });
    }
    const [covered, made, table] = await box.look(
      ["stat", "/covered"],
      ["stat", "/new"],
      ["cat", "/proc/self/mountinfo"],
    );
    assert.deepEqual([succeeded(covered).mode, succeeded(made).mode], ["0710", "1777"]);
    assert.ok(mountAt(succeeded(table), "/covered")?.superOptions.includes("mode=710"));
  },
  { peerDeviations: { runc: "1.1.5 does not show it", crun: "has a mode of its own" } },
);

for (const isMapped of [false, true]) {
  for (const hasUserNamespace of [false, true]) {
    const what = `${isMapped ? "id-mapped " : ""}bind mount${hasUserNamespace ? " in a user namespace" : ""}`;
    containerTest(
      `the source of a ${what} can be what an earlier mount has brought`,
      async (box) => {
        const first = hostDirectory(box, "first");
        mkdirSync(join(first, "inner"));
        const rootfs = realpathSync(box.inRootfs("."));
        if (hasUserNamespace) await useUserNamespace(box);
        const mapping = [{ containerID: 0, hostID: hasUserNamespace ? FIRST_HOST_ID : 0, size: 65_536 }];
        const mapped = { uidMappings: mapping, gidMappings: mapping };
        const options = isMapped ? ["rbind", "idmap"] : ["rbind"];
        box.config.mounts.push({ destination: "/mnt", type: "bind", source: first, options: ["bind"] });
        box.config.mounts.push({ destination: "/mnt/inner", type: "tmpfs", source: "brought" });
        box.config.mounts.push({
          destination: "/final",
          type: "bind",
          source: `${rootfs}/mnt`,
          options,
          ...(isMapped && mapped),
        });
        const [text, table] = await box.look(["cat", "/final/file"], ["cat", "/proc/self/mountinfo"]);
        assert.equal(text, "text");
        assert.equal(mountAt(succeeded(table), "/final/inner")?.source, "brought");
      },
      {
        needs: [needsKernel(6, 3), needsUserNamespaces],
        peerDeviations: {
          runc: "1.1.5 opens it before there is anything",
          crun: "1.8.1 opens it before there is anything",
        },
      },
    );
  }
}

containerTest("a destination below a link of the root stays in the root", async (box) => {
  await box.program(["ln", "-s", "/etc", box.inRootfs("link")]);
  box.config.root.readonly = false;
  box.config.mounts.push({ destination: "/link/made", type: "tmpfs", source: "tmpfs" });
  await box.look(["cwd"]);
  assert.ok(existsSync(box.inRootfs("etc/made")));
  assert.ok(!existsSync("/etc/made"));
});

containerTest("a destination that leads out of the root is brought back into it", async (box) => {
  await box.program(["ln", "-s", "../../../../../..", box.inRootfs("up")]);
  box.config.root.readonly = false;
  box.config.mounts.push({ destination: "/up/mdr-test-escape", type: "tmpfs", source: "tmpfs" });
  const [names] = await box.look(["ls", "/"]);
  assert.ok(succeeded(names).includes("mdr-test-escape"));
  assert.ok(!existsSync("/mdr-test-escape"));
});

containerTest(
  "a mount over /proc that is no proc is refused",
  async (box) => {
    box.config.mounts.push({ destination: "/proc", type: "tmpfs", source: "tmpfs" });
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /proc/);
  },
  { peerDeviations: { crun: "1.8.1 mounts it" } },
);

containerTest(
  "a mount inside /proc is refused",
  async (box) => {
    box.config.mounts.push({ destination: "/proc/self", type: "tmpfs", source: "tmpfs" });
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /proc/);
  },
  { peerDeviations: { crun: "1.8.1 mounts it" } },
);

containerTest("a file system that the kernel does not know is refused by name", async (box) => {
  box.config.mounts.push({ destination: "/mnt", type: "nosuchfs", source: "none" });
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nosuchfs|mnt/);
});

/** A directory outside the bundle with a file of the text "text". */
function hostDirectory(box: TestBox, name: string): string {
  const directory = box.path(name);
  mkdirSync(directory);
  writeFileSync(join(directory, "file"), "text");
  return directory;
}
