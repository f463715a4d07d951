import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SystemError } from "../../../src/base/errors.ts";
import { close } from "../../../src/sys/descriptors.ts";
import * as files from "../../../src/sys/files.ts";

const scratch = mkdtempSync(join(tmpdir(), "files-test-"));
after(() => rmSync(scratch, { recursive: true }));

let count = 0;
function fresh(): string {
  return join(scratch, `f${count++}`);
}

function throwsErrno(call: () => unknown, errno: number, message?: RegExp): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof SystemError);
    assert.equal(error.failure.errno, errno, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

test("readText reads UTF-8 when the file has it", () => {
  const path = fresh();
  writeFileSync(path, "grün 目录 🚀\n");
  assert.equal(files.readText(path), "grün 目录 🚀\n");
});

test("readText reads files of /proc, whose size is 0", () => {
  assert.match(files.readText("/proc/self/status"), /^Name:/);
});

test("readText reads exactly maxBytes and refuses one more", () => {
  const path = fresh();
  writeFileSync(path, "12345");
  assert.equal(files.readText(path, 5), "12345");
  throwsErrno(() => files.readText(path, 4), 27, /^Cannot read ".*": file too large \(EFBIG\)$/);
});

test("readText gives an empty text when the file is empty", () => {
  const path = fresh();
  writeFileSync(path, "");
  assert.equal(files.readText(path), "");
});

test("readTextIfExists is undefined when there is no file, and throws other errors", () => {
  assert.equal(files.readTextIfExists(fresh()), undefined);
  assert.equal(files.readTextIfExists("/proc/self/stat/x"), undefined);
  assert.equal(files.readTextIfExists("/proc/4194305/stat"), undefined);
  throwsErrno(() => files.readTextIfExists(scratch), 21);
});

test("writeAtomic creates, replaces and leaves no temporary file", () => {
  const directory = fresh();
  mkdirSync(directory);
  const path = join(directory, "state.json");
  files.writeAtomic(path, "one", 0o600);
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  files.writeAtomic(path, "", 0o600);
  assert.equal(readFileSync(path, "utf8"), "");
  assert.deepEqual(files.listDir(directory), ["state.json"]);
});

test("writeAtomic goes on when a dead process of the same pid left its temporary file", () => {
  const path = fresh();
  writeFileSync(join(scratch, `.${path.slice(scratch.length + 1)}.${process.pid}`), "stale and longer");
  files.writeAtomic(path, "new", 0o600);
  assert.equal(readFileSync(path, "utf8"), "new");
});

test("writeAtomic replaces a symlink and not what it points to", () => {
  const [target, path] = [fresh(), fresh()];
  writeFileSync(target, "target");
  symlinkSync(target, path);
  files.writeAtomic(path, "new", 0o600);
  assert.equal(readFileSync(target, "utf8"), "target");
  assert.equal(files.pathType(path), "file");
});

test("writeAtomic takes a relative path", () => {
  const before = process.cwd();
  process.chdir(scratch);
  try {
    files.writeAtomic("relative", "text", 0o600);
  } finally {
    process.chdir(before);
  }
  assert.equal(readFileSync(join(scratch, "relative"), "utf8"), "text");
});

test("writeAtomic leaves nothing when it cannot rename", () => {
  const directory = fresh();
  mkdirSync(join(directory, "path", "full"), { recursive: true });
  throwsErrno(() => files.writeAtomic(join(directory, "path"), "x", 0o600), 21);
  assert.deepEqual(files.listDir(directory), ["path"]);
  throwsErrno(() => files.writeAtomic(join(directory, "no", "x"), "x", 0o600), 2, /: its directory does not exist \(E/);
});

test("writeAtomic writes a megabyte", () => {
  const path = fresh();
  const text = "0123456789abcdef".repeat(65536);
  files.writeAtomic(path, text, 0o600);
  assert.equal(files.readText(path, text.length) === text, true);
});

test("createFile refuses what exists, even a dangling symlink", () => {
  const [path, link] = [fresh(), fresh()];
  files.createFile(path, "text", 0o640);
  assert.equal(lstatSync(path).mode & 0o777, 0o640);
  symlinkSync("/nowhere", link);
  throwsErrno(() => files.createFile(path, "", 0o600), 17, /^Cannot create ".*": file exists \(EEXIST\)$/);
  throwsErrno(() => files.createFile(link, "", 0o600), 17);
});

test("writeExisting writes what is there and creates nothing", () => {
  const path = fresh();
  throwsErrno(() => files.writeExisting(path, "5\n"), 2, /^Cannot write "5\\n" to ".*": it does not exist \(ENOENT\)$/);
  files.createFile(path, "1234", 0o600);
  files.writeExisting(path, "56");
  assert.equal(readFileSync(path, "utf8"), "5634");
  throwsErrno(() => files.writeExisting("/proc/self/oom_score_adj", "words"), 22);
});

test("appendText creates and appends, and does not follow a symlink", () => {
  const [path, link] = [fresh(), fresh()];
  files.appendText(path, "a\n", 0o600);
  files.appendText(path, "b\n", 0o600);
  assert.equal(readFileSync(path, "utf8"), "a\nb\n");
  symlinkSync(path, link);
  throwsErrno(() => files.appendText(link, "c\n", 0o600), 40);
});

test("makeDir makes one directory with its mode and refuses a second one", () => {
  const path = fresh();
  files.makeDir(path, 0o711);
  assert.equal(lstatSync(path).mode & 0o777, 0o711);
  throwsErrno(() => files.makeDir(path, 0o711), 17);
  throwsErrno(() => files.makeDir(join(fresh(), "x"), 0o711), 2, /its directory does not exist/);
});

test("makeDirs makes what is missing and refuses a file in the way", () => {
  const path = fresh();
  files.makeDirs(join(path, "a", "b"), 0o700);
  files.makeDirs(join(path, "a", "b"), 0o700);
  files.makeDirs(`${path}/a/b/c/`, 0o700);
  assert.deepEqual(files.listDir(join(path, "a", "b")), ["c"]);
  writeFileSync(join(path, "file"), "");
  throwsErrno(() => files.makeDirs(join(path, "file"), 0o700), 20);
  throwsErrno(() => files.makeDirs(join(path, "file", "x"), 0o700), 20);
});

test("removeDir and unlink remove what they name and nothing else", () => {
  const path = fresh();
  mkdirSync(path);
  writeFileSync(join(path, "x"), "");
  throwsErrno(() => files.removeDir(path), 39);
  throwsErrno(() => files.unlink(path), 21);
  files.unlink(join(path, "x"));
  files.removeDir(path);
  throwsErrno(() => files.unlink(path), 2);
});

test("listSubdirectories gives directories alone, and no links to them", () => {
  const path = fresh();
  mkdirSync(join(path, "one", "deep"), { recursive: true });
  mkdirSync(join(path, "two"));
  writeFileSync(join(path, "file"), "");
  symlinkSync("one", join(path, "link"));
  assert.deepEqual(files.listSubdirectories(path).sort(), ["one", "two"]);
  throwsErrno(() => files.listSubdirectories(join(path, "file")), 20);
  throwsErrno(() => files.listSubdirectories(join(path, "gone")), 2);
});

test("listDir gives every name when there are many", () => {
  const path = fresh();
  mkdirSync(path);
  const names = Array.from({ length: 1000 }, (_, index) => `.file-${index}`);
  for (const name of names) writeFileSync(join(path, name), "");
  assert.deepEqual(files.listDir(path).sort(), names.sort());
  throwsErrno(() => files.listDir(join(path, names[0] ?? "")), 20);
});

test("pathType names what it finds and follows no symlink", async () => {
  const link = fresh();
  symlinkSync(scratch, link);
  const socket = fresh();
  const server = createServer().listen(socket);
  await new Promise((resolve) => server.once("listening", resolve));
  assert.equal(files.pathType(scratch), "directory");
  assert.equal(files.pathType(link), "symlink");
  assert.equal(files.pathType(socket), "socket");
  assert.equal(files.pathType("/dev/null"), "character device");
  assert.equal(files.pathType("/proc/self/stat"), "file");
  assert.equal(files.pathType(fresh()), undefined);
  assert.equal(files.pathType("/dev/null/x"), undefined);
  server.close();
});

test("isWritable asks for the effective user", () => {
  assert.equal(files.isWritable(scratch), true);
  assert.equal(files.isWritable(fresh()), false);
});

test("realPath resolves symlinks and dots", () => {
  const link = fresh();
  symlinkSync("/proc/../proc/version", link);
  assert.equal(files.realPath(link), "/proc/version");
  throwsErrno(() => files.realPath(fresh()), 2, /^Cannot resolve ".*": it does not exist \(ENOENT\)$/);
});

test("readLink gives the target as it is written", () => {
  const link = fresh();
  symlinkSync("../nowhere/./at all", link);
  assert.equal(files.readLink(link), "../nowhere/./at all");
  assert.match(files.readLink("/proc/self/ns/net"), /^net:\[\d+\]$/);
  throwsErrno(() => files.readLink(fresh()), 2, /^Cannot read the link ".*": it does not exist \(ENOENT\)$/);
});

test("openFile gives a descriptor of what exists", () => {
  close(files.openFile("/dev/null", 2));
  throwsErrno(() => files.openFile(fresh(), 0), 2);
});

test("lockDir is held until its descriptor is closed", () => {
  const path = fresh();
  mkdirSync(path);
  const first = files.lockDir(path);
  assert.equal(files.tryLockDir(path), undefined);
  close(first);
  const second = files.tryLockDir(path);
  assert.ok(second !== undefined);
  close(second);
  throwsErrno(() => files.lockDir("/dev/null"), 20);
});

test("lockDir waits for the holder and locks what has the name by then", async () => {
  const path = fresh();
  mkdirSync(path);
  const script = 'exec 9< "$0" && flock 9 && echo locked && read go; sleep 0.1; rmdir "$0" && mkdir "$0"';
  const holder = spawn("sh", ["-c", script, path], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  assert.equal(files.tryLockDir(path), undefined);
  await new Promise<void>((resolve) => holder.stdin.end("go\n", resolve));
  const fd = files.lockDir(path);
  assert.equal(statSync(`/proc/self/fd/${fd}`).ino, statSync(path).ino);
  close(fd);
});

test("removeInRoot removes what is empty and stays inside the root", () => {
  const root = fresh();
  const outside = fresh();
  mkdirSync(join(root, "a/b"), { recursive: true });
  mkdirSync(join(outside, "empty"), { recursive: true });
  writeFileSync(join(root, "a/file"), "");
  writeFileSync(join(root, "a/full"), "x");
  symlinkSync(outside, join(root, "out"));
  for (const path of ["/a/b", "/a/file", "/a/full", "/a", "/gone", "/no/such", "/out/empty"]) {
    files.removeInRoot(root, path);
  }
  assert.deepEqual(files.listDir(join(root, "a")), ["full"]);
  assert.deepEqual(files.listDir(outside), ["empty"]);
  throwsErrno(() => files.removeInRoot(root, "relative"), 22);
  throwsErrno(() => files.removeInRoot(fresh(), "/a"), 2);
});

test("readTexts reads each file, and tells what is missing from what cannot be read", () => {
  const [path, other] = [fresh(), fresh()];
  writeFileSync(path, "grün\n");
  writeFileSync(other, "12345");
  const [first, missing, directory, long, stat] = files.readTexts(
    [path, fresh(), scratch, other, "/proc/self/stat"],
    4096,
  );
  assert.deepEqual([first, missing, long], ["grün\n", undefined, "12345"]);
  assert.match(String(stat), new RegExp(`^${process.pid} `));
  assert.equal(files.textOf(first), first);
  assert.equal(files.textOf(missing), undefined);
  throwsErrno(() => files.textOf(directory), 21, /^Cannot read ".*": is a directory \(EISDIR\)$/);
  throwsErrno(() => files.textOf(files.readTexts([other], 4)[0]), 27);
  throwsErrno(() => files.readTexts([`${path}\0/x`]), 22);
  assert.deepEqual(files.readTexts([]), []);
});

test("isLocked tells an exclusive lock from a shared one and from none, and makes no file", () => {
  const path = fresh();
  assert.equal(files.isLocked(path), false);
  assert.equal(files.pathType(path), undefined);
  for (const kind of ["shared", "exclusive"] as const) {
    const fd = files.lockFile(path, kind);
    assert.equal(files.isLocked(path), kind === "exclusive");
    close(fd);
  }
  assert.equal(files.isLocked(path), false);
  throwsErrno(() => files.isLocked(scratch), 21);
});

test("a permission that is missing is named", {
  skip: process.geteuid?.() === 0 ? "root may do everything" : false,
}, () => {
  const path = fresh();
  writeFileSync(path, "");
  chmodSync(path, 0);
  throwsErrno(() => files.readText(path), 13, /permission denied \(EACCES\)/);
});
