import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { killAndWait, removeCgroup, undoAll } from "../../../src/apply/undo.ts";
import type { UndoEntry } from "../../../src/state/journal.ts";

let directory = "";
const at = (path: string): string => join(directory, path);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "undo-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Field 22 of /proc/PID/stat; the second field is in parentheses. */
function startTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}

describe("undoAll", () => {
  const rollback = { isRollback: true };
  const undo = (...entries: readonly UndoEntry[]): readonly Error[] =>
    undoAll(() => entries, { rootfs: at("rootfs"), ...rollback });

  it("undoes the last entry first", () => {
    mkdirSync(at("outer/inner"), { recursive: true });
    assert.deepEqual(undo({ undo: "rmdir", path: at("outer") }, { undo: "rmdir", path: at("outer/inner") }), []);
    assert.ok(!existsSync(at("outer")));
  });

  it("tolerates that nothing is left to undo", () => {
    mkdirSync(at("rootfs"));
    const failures = undo(
      { undo: "cgroup.rmdir", path: at("gone") },
      { undo: "cgroup.release", path: at("gone") },
      { undo: "kill", pid: 2 ** 22, startTime: 1 },
      { undo: "unlink", path: at("gone") },
      { undo: "rmdir", path: at("gone") },
      { undo: "rootfs.remove", path: "/gone/for/good" },
    );
    assert.deepEqual(failures, []);
  });

  it("goes on behind what cannot be undone, and gives each failure", () => {
    mkdirSync(at("full/of/things"), { recursive: true });
    writeFileSync(at("file"), "");
    const failures = undo(
      { undo: "unlink", path: at("file") },
      { undo: "rmdir", path: at("full") },
      { undo: "rmdir", path: at("full/of") },
    );
    assert.deepEqual(
      failures.map(({ message }) => message),
      ["full/of", "full"].map((name) => `Cannot remove the directory "${at(name)}": directory not empty (ENOTEMPTY)`),
    );
    assert.ok(!existsSync(at("file")));
  });

  it("leaves a cgroup above the container's own to the others that use it", () => {
    mkdirSync(at("shared/other"), { recursive: true });
    assert.deepEqual(undo({ undo: "cgroup.release", path: at("shared") }), []);
    assert.ok(existsSync(at("shared/other")));
  });

  it("removes what was made inside the root filesystem, and nothing that is more than that", () => {
    mkdirSync(at("rootfs/made/full"), { recursive: true });
    writeFileSync(at("rootfs/made/empty"), "");
    writeFileSync(at("rootfs/made/full/file"), "the image's");
    symlinkSync("/proc/self/fd", at("rootfs/made/fd"));
    const paths = ["/made", "/made/full", "/made/empty", "/made/full/file", "/made/fd"];
    assert.deepEqual(undo(...paths.map((path) => ({ undo: "rootfs.remove", path }) as const)), []);
    assert.deepEqual(
      ["", "/empty", "/fd", "/full/file"].map((name) => existsSync(at(`rootfs/made${name}`))),
      [true, false, false, true],
    );
  });

  it("does not follow a link out of the root filesystem", () => {
    mkdirSync(at("rootfs"));
    mkdirSync(at("host"));
    symlinkSync(at("host"), at("rootfs/link"));
    writeFileSync(at("host/file"), "");
    assert.deepEqual(
      undo({ undo: "rootfs.remove", path: "/link/file" }, { undo: "rootfs.remove", path: "/../host" }),
      [],
    );
    assert.ok(existsSync(at("host/file")));
  });

  it("leaves the root filesystem of a container that was created as it is", () => {
    mkdirSync(at("rootfs/made"), { recursive: true });
    const entry = { undo: "rootfs.remove", path: "/made" } as const;
    assert.deepEqual(
      undoAll(() => [entry], { rootfs: at("rootfs"), isRollback: false }),
      [],
    );
    assert.ok(existsSync(at("rootfs/made")));
  });

  it("ends the process first, and undoes what it had added to the journal until then", async () => {
    const child = spawn("/bin/sleep", ["60"]);
    await once(child, "spawn");
    const ended = once(child, "exit");
    const pid = child.pid ?? 0;
    const kill: UndoEntry = { undo: "kill", pid, startTime: startTimeOf(pid) };
    mkdirSync(at("late"));
    let reads = 0;
    const read = (): readonly UndoEntry[] => (reads++ === 0 ? [kill] : [kill, { undo: "rmdir", path: at("late") }]);
    assert.deepEqual(undoAll(read, { rootfs: at("rootfs"), ...rollback }), []);
    assert.ok(!existsSync(at("late")));
    assert.deepEqual(await ended, [null, "SIGKILL"]);
  });
});

describe("killAndWait", () => {
  it("leaves a process alone that has the pid since another time", async () => {
    const child = spawn("/bin/sleep", ["60"]);
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    killAndWait(pid, startTimeOf(pid) - 1);
    assert.equal(child.exitCode, null);
    assert.ok(existsSync(`/proc/${pid}/cwd`));
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [null, "SIGTERM"]);
  });
});

describe("removeCgroup", () => {
  it("removes also the cgroups that the container has made below its own", () => {
    mkdirSync(at("cgroup/a/b"), { recursive: true });
    mkdirSync(at("cgroup/c"));
    removeCgroup(at("cgroup"));
    assert.ok(!existsSync(at("cgroup")));
  });

  it("does nothing where there is no such directory", () => {
    writeFileSync(at("file"), "");
    removeCgroup(at("gone"));
    removeCgroup(at("file"));
    assert.ok(existsSync(at("file")));
  });
});
