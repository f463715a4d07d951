import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { mountAt } from "../helpers/mount-table.ts";
import { needsCgroupV1 } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";

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
