import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { EngineBox } from "../helpers/engine-box.ts";
import { engineTest } from "../helpers/engine-test.ts";

async function refusal(box: EngineBox, ...words: readonly string[]): Promise<string> {
  const { status, stderr } = await box.call(["cp", ...words]);
  assert.notEqual(status, 0, words.join(" "));
  return stderr;
}

const SCRIPT = [
  "mkdir -p /d/sub; echo x > /d/sub/x; ln -s sub /d/link; chown 7:8 /d/sub/x",
  "ln -s /etc/passwd /absolute; ln -s ../../../../../../../../../etc/shadow /outside; ln -s /d /to-d",
  "echo v > /volume/v; echo t > /memory/t; echo ready; exec sleep 1000",
].join("; ");

async function running(box: EngineBox): Promise<void> {
  await box.ok(
    "run",
    "-d",
    "--name",
    "web",
    "--network",
    "none",
    "-v",
    "vol:/volume",
    "--tmpfs",
    "/memory",
    "base",
    "sh",
    "-c",
    SCRIPT,
  );
  await box.ok("exec", "web", "sh", "-c", "until [ -e /memory/t ]; do sleep 0.05; done");
}

engineTest("cp copies out of a running container what it sees, and follows no link out of it", async (box) => {
  await running(box);
  const at = (path: string) => join(box.directory, path);
  await box.ok("cp", "web:/d", ".");
  assert.equal(readFileSync(at("d/sub/x"), "utf8"), "x\n");
  assert.equal(readlinkSync(at("d/link")), "sub");
  assert.equal(statSync(at("d/sub/x")).uid, 0);
  await box.ok("cp", "-a", "web:/d/.", "new");
  assert.deepEqual([statSync(at("new/sub/x")).uid, statSync(at("new/sub/x")).gid], [7, 8]);
  for (const [path, text] of [
    ["/volume/v", "v\n"],
    ["/memory/t", "t\n"],
  ] as const) {
    await box.ok("cp", `web:${path}`, "copied");
    assert.equal(readFileSync(at("copied"), "utf8"), text);
  }
  await box.ok("cp", "web:/absolute", "link");
  assert.equal(readlinkSync(at("link")), "/etc/passwd");
  await box.ok("cp", "-L", "web:/absolute", "followed");
  assert.match(readFileSync(at("followed"), "utf8"), /^root:x:0:0:root/);
  assert.match(
    await refusal(box, "-L", "web:/outside", "shadow"),
    /Could not find the file \/outside in container web/,
  );
  assert.match(await refusal(box, "web:/d", "copied"), /cannot copy directory/);
  assert.match(await refusal(box, "web:/absolute", "missing/"), /no such directory/);
  const archive = execFileSync(box.argv("cp", "web:/d", "-")[0] ?? "", box.argv("cp", "web:/d", "-").slice(1));
  const names = execFileSync("tar", ["-t"], { input: archive, encoding: "utf8" });
  assert.equal(names, "d/\nd/link\nd/sub/\nd/sub/x\n");
});

engineTest("cp copies into a running container, below its root", async (box) => {
  await running(box);
  const at = (path: string) => join(box.directory, path);
  const inside = (script: string) => box.ok("exec", "web", "sh", "-c", script);
  writeFileSync(at("file"), "hello\n", { mode: 0o640 });
  chownSync(at("file"), 1000, 1000);
  mkdirSync(at("tree"));
  writeFileSync(at("tree/.wh.name"), "a name as any\n");
  symlinkSync("/etc/shadow", at("tree/link"));
  await box.ok("cp", "file", "web:/");
  assert.equal(await inside("stat -c '%a %u %g' /file; cat /file"), "640 0 0\nhello");
  await box.ok("cp", "-a", "file", "web:/kept");
  assert.equal(await inside("stat -c '%u %g' /kept"), "1000 1000");
  await box.ok("cp", "tree", "web:/d");
  await box.ok("cp", "tree/.", "web:/fresh");
  assert.equal(await inside("cat /d/tree/.wh.name; readlink /fresh/link"), "a name as any\n/etc/shadow");
  await box.ok("cp", "file", "web:/to-d");
  assert.equal(await inside("cat /d/file"), "hello");
  const before = readFileSync("/etc/shadow", "utf8");
  await box.ok("cp", "file", "web:/outside");
  assert.equal(readFileSync("/etc/shadow", "utf8"), before);
  assert.equal(await inside("cat /etc/shadow"), "hello");
  await box.ok("cp", "file", "web:/volume/file");
  assert.equal(readFileSync(at("root/volumes/vol/_data/file"), "utf8"), "hello\n");
  assert.match(await refusal(box, "tree", "web:/file"), /cannot copy directory/);
  assert.match(await refusal(box, "file", "web:/no/where"), /Could not find the file \/no\/where in container web/);
  assert.match(await refusal(box, "web:/a", "web:/b"), /copying between containers is not supported/);
  const archive = execFileSync("tar", ["-cz", "-C", box.directory, "tree"]);
  const argv = box.argv("cp", "-", "web:/d/sub");
  execFileSync(argv[0] ?? "", argv.slice(1), { input: archive });
  assert.equal(await inside("cat /d/sub/tree/.wh.name"), "a name as any");
  // A directory of the archive, where the container has a link to elsewhere.
  await inside("mkdir /trap; ln -s /etc /trap/tree");
  assert.throws(
    () => execFileSync(argv[0] ?? "", [...argv.slice(1, -1), "web:/trap"], { input: archive, stdio: "pipe" }),
    /cannot overwrite non-directory/,
  );
});

engineTest("cp sees the volumes of a stopped container, and leaves no mount", async (box) => {
  const at = (path: string) => join(box.directory, path);
  writeFileSync(at("file"), "hello\n");
  const volumes = ["-v", "vol:/volume", "-v", "vol:/fixed:ro"];
  await box.ok("create", "--name", "web", "--network", "none", "--read-only", ...volumes, "base", "true");
  await box.ok("cp", "file", "web:/volume/");
  assert.equal(readFileSync(at("root/volumes/vol/_data/file"), "utf8"), "hello\n");
  assert.match(await refusal(box, "file", "web:/fixed/other"), /read-only file system/);
  assert.match(await refusal(box, "file", "web:/other"), /read-only file system/);
  await box.ok("cp", "web:/fixed", ".");
  assert.equal(readFileSync(at("fixed/file"), "utf8"), "hello\n");
  await box.ok("create", "--name", "plain", "--network", "none", "base", "cat", "/file");
  await box.ok("cp", "file", "plain:/");
  assert.equal(await box.ok("start", "-a", "plain"), "hello");
  assert.equal(readFileSync("/proc/self/mountinfo", "utf8").includes(box.directory), false);
  assert.equal(existsSync(at("root/volumes/vol/_data/other")), false);
  assert.equal(lstatSync(at("fixed")).isDirectory(), true);
});

engineTest("cp onto a file that is mounted writes into that file, and leaves the mount", async (box) => {
  const source = join(box.directory, "mounted");
  const put = async (text: string) => {
    writeFileSync(join(box.directory, "new"), text);
    await box.ok("cp", "new", "web:/etc/mounted");
    assert.equal(readFileSync(source, "utf8"), text);
  };
  writeFileSync(source, "a text that is longer\n", { mode: 0o604 });
  chownSync(source, 7, 8);
  await box.ok(
    "run",
    "-d",
    "--name",
    "web",
    "--network",
    "none",
    "-v",
    `${source}:/etc/mounted`,
    "base",
    "sleep",
    "1000",
  );
  await put("one\n");
  await put(`${"large".repeat(300_000)}\n`);
  assert.match(await box.ok("exec", "web", "cat", "/proc/self/mountinfo"), / \/etc\/mounted /);
  const { uid, gid, mode } = statSync(source);
  assert.deepEqual([uid, gid, mode & 0o777], [7, 8, 0o604]);
  await box.ok("cp", "new", "web:/etc/hosts");
  assert.match(await box.ok("exec", "web", "cat", "/proc/self/mountinfo"), / \/etc\/hosts /);
  symlinkSync("/etc/passwd", join(box.directory, "link"));
  assert.match(await refusal(box, "link", "web:/etc/mounted"), /"mounted".*EBUSY/);
  await box.ok("stop", "-t", "0", "web");
  await put("two\n");
});
