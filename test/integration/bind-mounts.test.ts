import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";
import { mountAt, parseMountTable } from "../helpers/mount-table.ts";
import { needsKernel, needsUserNamespaces } from "../helpers/needs.ts";
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

/** A directory outside the bundle with a file of the text "text". */
function hostDirectory(box: TestBox, name: string): string {
  const directory = box.path(name);
  mkdirSync(directory);
  writeFileSync(join(directory, "file"), "text");
  return directory;
}
