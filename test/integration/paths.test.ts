import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { succeeded } from "../helpers/probe.ts";

containerTest("linux.maskedPaths hide a file", async (box) => {
  writeFileSync(box.inRootfs("etc/secret"), "secret");
  box.config.linux.maskedPaths = ["/etc/secret"];
  const [text] = await box.look(["cat", "/etc/secret"]);
  assert.equal(text, "");
});

containerTest("linux.maskedPaths hide a directory", async (box) => {
  mkdirSync(box.inRootfs("etc/secrets"));
  writeFileSync(box.inRootfs("etc/secrets/one"), "secret");
  box.config.linux.maskedPaths = ["/etc/secrets"];
  const [names, write] = await box.look(["ls", "/etc/secrets"], ["write", "/etc/secrets/two", "text"]);
  assert.deepEqual(names, []);
  assert.deepEqual(write, { error: "EROFS" });
});

containerTest(
  "a masked or read-only path that is listed twice is mounted once",
  async (box) => {
    for (const name of ["secret", "fixed"]) writeFileSync(box.inRootfs(`etc/${name}`), "text");
    box.config.linux.maskedPaths = ["/etc/secret", "/proc/keys", "/etc/secret"];
    box.config.linux.readonlyPaths = ["/etc/fixed", "/etc/fixed"];
    const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
    const targets = succeeded(table)
      .split("\n")
      .map((line) => line.split(" ")[4]);
    for (const path of ["/etc/secret", "/etc/fixed"]) {
      assert.equal(targets.filter((target) => target === path).length, 1, path);
    }
  },
  { peerDeviations: { runc: "1.1.5 mounts each", crun: "1.8.1 mounts each" } },
);

containerTest("linux.maskedPaths hide files of proc", async (box) => {
  box.config.linux.maskedPaths = ["/proc/version", "/proc/sys"];
  const [version, sys] = await box.look(["cat", "/proc/version"], ["ls", "/proc/sys"]);
  assert.deepEqual([version, sys], ["", []]);
});

containerTest("linux.readonlyPaths cannot be written", async (box) => {
  box.config.root.readonly = false;
  mkdirSync(box.inRootfs("etc/fixed"));
  writeFileSync(box.inRootfs("etc/file"), "text");
  box.config.linux.readonlyPaths = ["/proc/sys", "/etc/fixed", "/etc/file"];
  const [sys, inside, file, beside] = await box.look(
    ["open", "/proc/sys/kernel/msgmax", "w"],
    ["write", "/etc/fixed/new", "text"],
    ["write", "/etc/file", "more"],
    ["write", "/etc/new", "text"],
  );
  assert.deepEqual([sys, inside, file], [{ error: "EROFS" }, { error: "EROFS" }, { error: "EROFS" }]);
  assert.deepEqual(beside, { ok: true });
});

containerTest("paths that are not there are neither masked nor made read-only nor made", async (box) => {
  box.config.root.readonly = false;
  box.config.linux.maskedPaths = ["/etc/nowhere", "/proc/nowhere"];
  box.config.linux.readonlyPaths = ["/nowhere", "/proc/nowhere/either"];
  const [masked, readonly] = await box.look(["stat", "/etc/nowhere"], ["stat", "/nowhere"]);
  assert.deepEqual([masked, readonly], [{ error: "ENOENT" }, { error: "ENOENT" }]);
});

containerTest("a masked path that leads out of the root masks nothing outside", async (box) => {
  writeFileSync(box.path("outside"), "text");
  await box.program(["ln", "-s", box.path("outside"), box.inRootfs("etc/link")]);
  box.config.linux.maskedPaths = ["/etc/link"];
  await box.run();
  assert.equal((await box.program(["cat", box.path("outside")])).stdout, "text");
});
