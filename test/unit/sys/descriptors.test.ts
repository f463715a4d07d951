import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SystemError } from "../../../src/base/errors.ts";
import * as descriptors from "../../../src/sys/descriptors.ts";
import { writeExisting } from "../../../src/sys/files.ts";

const { close, POLL_EVENTS } = descriptors;

function isCloseOnExec(fd: number): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
  return (Number.parseInt(flags ?? "0", 8) & 0o2000000) !== 0;
}

function failsWith(errno: number): (error: unknown) => boolean {
  return (error) => error instanceof SystemError && error.failure.errno === errno;
}

test("pipe carries text from one end to the other until it is closed", () => {
  const [reader, writer] = descriptors.pipe();
  assert.ok(isCloseOnExec(reader) && isCloseOnExec(writer));
  descriptors.writeFd(writer, "grün");
  assert.equal(descriptors.readFd(reader, 100), "grün");
  descriptors.writeFd(writer, "more");
  close(writer);
  assert.equal(descriptors.readFd(reader, 100), "more");
  assert.equal(descriptors.readFd(reader, 100), "");
  close(reader);
});

test("readFdText reads to the end and refuses more than it may", () => {
  const [reader, writer] = descriptors.pipe();
  descriptors.writeFd(writer, "12");
  descriptors.writeFd(writer, "345");
  close(writer);
  assert.equal(descriptors.readFdText(reader, 5), "12345");
  close(reader);
  const fd = descriptors.memfdFromText("test", "123456", false);
  assert.throws(() => descriptors.readFdText(fd, 5), failsWith(27));
  close(fd);
});

test("close, readFd and writeFd say which descriptor when it is not open", () => {
  for (const call of [close, (fd: number) => descriptors.readFd(fd, 1), (fd: number) => descriptors.writeFd(fd, "x")]) {
    assert.throws(() => call(987654), /file descriptor 987654: bad file descriptor \(EBADF\)/);
  }
});

test("socketPair keeps messages apart when it is of seqpacket type", () => {
  const [left, right] = descriptors.socketPair("seqpacket");
  assert.ok(isCloseOnExec(left) && isCloseOnExec(right));
  descriptors.writeFd(left, "one");
  descriptors.writeFd(left, "two");
  assert.equal(descriptors.readFd(right, 100), "one");
  assert.equal(descriptors.readFd(right, 100), "two");
  close(left);
  assert.equal(descriptors.readFd(right, 100), "");
  close(right);
});

test("poll tells which descriptor is ready, and zeros after the time", () => {
  const [reader, writer] = descriptors.pipe();
  const requests = [
    { fd: reader, events: POLL_EVENTS.readable },
    { fd: writer, events: POLL_EVENTS.writable },
  ];
  assert.deepEqual(descriptors.poll(requests, 0), [0, POLL_EVENTS.writable]);
  assert.deepEqual(descriptors.poll(requests.slice(0, 1), 10), [0]);
  descriptors.writeFd(writer, "x");
  assert.deepEqual(descriptors.poll(requests.slice(0, 1), -1), [POLL_EVENTS.readable]);
  close(writer);
  descriptors.readFd(reader, 1);
  assert.deepEqual(descriptors.poll(requests.slice(0, 1), -1), [POLL_EVENTS.hangup]);
  close(reader);
  assert.throws(
    () =>
      descriptors.poll(
        Array.from({ length: 65 }, () => ({ fd: 0, events: 0 })),
        0,
      ),
    failsWith(22),
  );
});

test("eventFd is readable once something is written to it", () => {
  const fd = descriptors.eventFd();
  assert.ok(isCloseOnExec(fd));
  const request = [{ fd, events: descriptors.POLL_EVENTS.readable }];
  assert.deepEqual(descriptors.poll(request, 0), [0]);
  descriptors.writeFd(fd, "1234567\0");
  assert.deepEqual(descriptors.poll(request, 0), [descriptors.POLL_EVENTS.readable]);
  close(fd);
});

test("memfdFromText can be read from its start, and changed only unless sealed", () => {
  const open = descriptors.memfdFromText("test", "text", false);
  const sealed = descriptors.memfdFromText("test", "text", true);
  assert.ok(isCloseOnExec(open) && isCloseOnExec(sealed));
  writeExisting(`/proc/self/fd/${open}`, "TEXT");
  assert.throws(() => writeExisting(`/proc/self/fd/${sealed}`, "TEXT"), failsWith(1));
  assert.equal(descriptors.readFd(open, 100), "TEXT");
  assert.equal(descriptors.readFd(sealed, 100), "text");
  close(open);
  close(sealed);
});

test("memfdFromFile is a whole and sealed copy of a program", () => {
  const fd = descriptors.memfdFromFile("copy", "/bin/sh");
  assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^\/memfd:copy/);
  assert.deepEqual(readFileSync(`/proc/self/fd/${fd}`), readFileSync("/bin/sh"));
  assert.throws(() => writeExisting(`/proc/self/fd/${fd}`, "x"), failsWith(1));
  close(fd);
  assert.throws(() => descriptors.memfdFromFile("copy", "/nowhere"), {
    message: 'Cannot copy "/nowhere" into memory: it does not exist (ENOENT)',
  });
});

test("connectUnix connects when the path is short and when it is longer than an address", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "descriptors-test-"));
  const directory = join(scratch, "d".repeat(150));
  mkdirSync(directory);
  for (const name of ["s", "s".repeat(100)]) {
    const server = createServer();
    const before = process.cwd();
    process.chdir(directory); // so that the server can bind to it
    server.listen(name);
    process.chdir(before);
    await new Promise((resolve) => server.once("listening", resolve));
    close(descriptors.connectUnix(join(directory, name)));
    server.close();
  }
  rmSync(scratch, { recursive: true });
});

test("connectUnix says why when nothing listens", () => {
  assert.throws(() => descriptors.connectUnix("/nowhere"), {
    message: 'Cannot connect to "/nowhere": it does not exist (ENOENT)',
  });
  assert.throws(() => descriptors.connectUnix("/dev/null"), failsWith(111));
  assert.throws(() => descriptors.connectUnix(`/${"x".repeat(200)}`), failsWith(2));
});
