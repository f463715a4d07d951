import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { cgroupPids, killBelow, killCgroup, processDirectory } from "../../../src/apply/kill-cgroup.ts";

let directory = "";
const at = (path: string): string => join(directory, path);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cgroup-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A directory of plain files that is read as a cgroup. */
function makeCgroup(path: string, ...pids: readonly number[]): string {
  mkdirSync(at(path), { recursive: true });
  writeFileSync(join(at(path), "cgroup.procs"), pids.map((pid) => `${pid}\n`).join(""));
  return at(path);
}

describe("processDirectory", () => {
  it("prefers the freezer, then any hierarchy of v1, then v2", () => {
    const v1 = { memory: "/m", freezer: "/f" };
    assert.equal(processDirectory({ v1, v2: "/u" }), "/f");
    assert.equal(processDirectory({ v1: { memory: "/m" }, v2: "/u" }), "/m");
    assert.equal(processDirectory({ v1: {}, v2: "/u" }), "/u");
    assert.equal(processDirectory({ v1: {} }), undefined);
  });
});

describe("cgroupPids", () => {
  it("lists the processes of the cgroup and of those below it", () => {
    makeCgroup("own", 10, 11);
    makeCgroup("own/below", 12);
    makeCgroup("own/below/deep", 13);
    assert.deepEqual(cgroupPids({ v1: { freezer: at("own") } }), [10, 11, 12, 13]);
  });

  it("lists an init that is in the v2 cgroup only, and each process once", () => {
    const cgroup = { v1: { freezer: makeCgroup("v1", 10) }, v2: makeCgroup("v2", 10, 11) };
    assert.deepEqual(cgroupPids(cgroup), [10, 11]);
  });

  it("lists nothing where the cgroup is gone, or was never made", () => {
    assert.deepEqual(cgroupPids({ v1: { freezer: at("gone") }, v2: at("gone too") }), []);
    assert.deepEqual(cgroupPids({ v1: {} }), []);
  });
});

describe("killCgroup", () => {
  /** A process that is in the cgroup until it ends: its parent writes it out, as a kernel would. */
  async function startMember(file: string): Promise<() => Promise<unknown>> {
    const child = spawn("/bin/sh", ["-c", 'sleep 60 & echo $! > "$0"; echo; wait; : > "$0"', file]);
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    return () => ended;
  }

  it("returns when no process is left", async () => {
    const directory = makeCgroup("own");
    const ended = await startMember(join(directory, "cgroup.procs"));
    killCgroup({ v1: { freezer: directory } });
    assert.equal(readFileSync(join(directory, "cgroup.procs"), "utf8"), "");
    await ended();
  });

  it("finds a process of v1 where v2 has none", async () => {
    const [v1, v2] = [makeCgroup("v1"), makeCgroup("v2")];
    writeFileSync(join(v2, "cgroup.events"), "populated 0\nfrozen 0\n");
    const ended = await startMember(join(v1, "cgroup.procs"));
    killCgroup({ v1: { freezer: v1 }, v2 });
    assert.equal(readFileSync(join(v1, "cgroup.procs"), "utf8"), "");
    await ended();
  });

  it("looks no further where no process is left", () => {
    const [v1, v2] = [makeCgroup("v1"), makeCgroup("v2")];
    writeFileSync(join(v2, "cgroup.events"), "populated 0\nfrozen 0\n");
    writeFileSync(join(v2, "cgroup.kill"), "");
    killCgroup({ v1: { freezer: v1 }, v2 });
    assert.equal(readFileSync(join(v2, "cgroup.kill"), "utf8"), "");
  });

  it("thaws a frozen cgroup, because a frozen process cannot die", () => {
    const [v1, v2] = [makeCgroup("v1"), makeCgroup("v2")];
    writeFileSync(join(v1, "freezer.state"), "FROZEN\n");
    writeFileSync(join(v2, "cgroup.freeze"), "1\n");
    killCgroup({ v1: { freezer: v1 }, v2 });
    // One write to a plain file leaves the rest of the old text behind the new one.
    assert.match(readFileSync(join(v1, "freezer.state"), "utf8"), /^THAWED/);
    assert.match(readFileSync(join(v2, "cgroup.freeze"), "utf8"), /^0/);
  });

  it("ends the processes below one directory", async () => {
    const directory = makeCgroup("own");
    const ended = await startMember(join(makeCgroup("own/below"), "cgroup.procs"));
    killBelow(directory);
    assert.deepEqual(cgroupPids({ v1: {}, v2: directory }), []);
    await ended();
  });
});
