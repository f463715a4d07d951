import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { listTree } from "../helpers/file-tree.ts";
import { mountAt, parseMountTable } from "../helpers/mount-table.ts";
import { needsUserNamespaces } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";

containerTest("root.readonly true makes the root read-only", async (box) => {
  const [write, table] = await box.look(["write", "/file", "text"], ["cat", "/proc/self/mountinfo"]);
  assert.deepEqual(write, { error: "EROFS" });
  assert.ok(mountAt(succeeded(table), "/")?.options.includes("ro"));
});

containerTest("root.readonly false lets the process write into the bundle's root", async (box) => {
  box.config.root.readonly = false;
  assert.deepEqual(await box.look(["write", "/file", "text"]), [{ ok: true }]);
  assert.equal(readFileSync(box.inRootfs("file"), "utf8"), "text");
});

containerTest("root.path may be absolute", async (box) => {
  box.config.root.path = box.rootfs;
  assert.deepEqual(await box.look(["cwd"]), ["/"]);
});

containerTest("root.path must be there", async (box) => {
  box.config.root.path = "nowhere";
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nowhere/);
  assert.ok(!existsSync(`${box.bundle}/nowhere`));
});

containerTest(
  "root.path must be a directory",
  async (box) => {
    box.config.root.path = "config.json";
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /config\.json/);
  },
  { peerDeviations: { runc: "the text does not name it", crun: "the text does not name it" } },
);

for (const flags of [[], ["--no-pivot"]]) {
  containerTest(`the container sees its own mounts only (${flags.join("") || "pivot_root"})`, async (box) => {
    box.setCommands(["cat", "/proc/self/mountinfo"], ["ls", "/"]);
    const [table, root] = box.reports((await box.run(flags)).stdout, ["cat", ""], ["ls", ""]);
    const points = parseMountTable(succeeded(table)).map(({ point }) => point);
    assert.ok(points.includes("/proc"));
    const isKnown = (point: string) => point === "/" || /^\/(proc|dev|sys)(\/|$)/.test(point);
    if (flags.length === 0)
      assert.deepEqual(
        points.filter((point) => !isKnown(point)),
        [],
      );
    assert.deepEqual(root, ["dev", "etc", "probe", "proc", "run", "sys", "tmp"]);
  });
}

for (const flags of [[], ["--no-pivot"]]) {
  containerTest(
    `no user namespace in the container gets a proc without its masks (${flags.join("") || "pivot_root"})`,
    async (box) => {
      box.config.process.user = { uid: 1000, gid: 1000 };
      box.setCommands(["mount-proc"]);
      assert.deepEqual(box.reports((await box.run(flags)).stdout, ["mount-proc"]), [{ error: "EPERM" }]);
      // Without masks there is nothing that another proc would show.
      Object.assign(box.config.linux, { maskedPaths: [], readonlyPaths: [] });
      assert.deepEqual(box.reports((await box.run(flags)).stdout, ["mount-proc"]), [{ ok: true }]);
    },
    { needs: [needsUserNamespaces] },
  );
}

containerTest("the mounts of the host are as before", async (box) => {
  const before = readFileSync("/proc/self/mountinfo", "utf8").split("\n").length;
  await box.look(["cwd"]);
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  assert.deepEqual(
    lines.filter((line) => line.includes(box.directory)),
    [],
  );
  assert.ok(lines.length <= before + 20);
});

containerTest("a run adds nothing to the bundle that the config does not ask for", async (box) => {
  box.setCommands(["exit", "0"]);
  box.writeConfig();
  const before = listTree(box.bundle);
  await box.run();
  assert.deepEqual(listTree(box.bundle), before);
});

containerTest(
  "hostname and domainname are the container's own",
  async (box) => {
    box.config.hostname = "inside.example";
    box.config.domainname = "domain.example";
    const [name] = await box.look(["uname"]);
    assert.deepEqual(name, { hostname: "inside.example", domainname: "domain.example" });
    assert.notEqual(readFileSync("/proc/sys/kernel/hostname", "utf8").trim(), "inside.example");
  },
  { peerDeviations: { runc: "1.1.5 has no domainname", crun: "1.8.1 has no domainname" } },
);

containerTest("hostname is the container's own", async (box) => {
  box.config.hostname = "inside.example";
  const [name] = await box.look(["uname"]);
  assert.equal(name.hostname, "inside.example");
  assert.notEqual(readFileSync("/proc/sys/kernel/hostname", "utf8").trim(), "inside.example");
});

containerTest("hostname needs a uts namespace", async (box) => {
  box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "uts");
  const before = readFileSync("/proc/sys/kernel/hostname", "utf8");
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /hostname/i);
  assert.equal(readFileSync("/proc/sys/kernel/hostname", "utf8"), before);
});

containerTest("a link in the root does not lead a mount out of it", async (box) => {
  mkdirSync(box.path("outside"));
  await box.program(["ln", "-s", box.path("outside"), box.inRootfs("link")]);
  box.config.root.readonly = false;
  box.config.mounts.push({ destination: "/link/inner", type: "tmpfs", source: "tmpfs" });
  await box.run();
  assert.deepEqual(listTree(box.path("outside")), []);
});
