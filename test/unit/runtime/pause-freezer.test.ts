import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { freeze, isFrozen, presentFreezers, thaw } from "../../../src/runtime/pause-freezer.ts";

const top = mkdtempSync(join(tmpdir(), "mdr-freezer-"));
after(() => rmSync(top, { recursive: true }));

/** A directory with the files of a cgroup. */
function cgroup(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(top, "cgroup-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

describe("freeze", () => {
  it("writes FROZEN to v1 until it reads so", () => {
    const state = join(cgroup({ "freezer.state": "THAWED\n" }), "freezer.state");
    assert.equal(freeze({ version: 1, state }, 0), true);
    assert.equal(readFileSync(state, "utf8").slice(0, 6), "FROZEN");
  });

  it("thaws again and says no when v1 does not freeze in time", () => {
    const directory = cgroup({});
    // It takes every word and never says FROZEN.
    symlinkSync("/dev/null", join(directory, "freezer.state"));
    const started = Date.now();
    assert.equal(freeze({ version: 1, state: join(directory, "freezer.state") }, 50), false);
    assert.ok(Date.now() - started >= 50);
  });

  it("writes 1 to v2 and waits for its event", () => {
    const v2 = cgroup({ "cgroup.freeze": "0\n", "cgroup.events": "populated 1\nfrozen 1\n" });
    const [freezer] = presentFreezers({ v1: {}, v2 });
    assert.ok(freezer !== undefined && freeze(freezer, 0));
    assert.equal(readFileSync(join(v2, "cgroup.freeze"), "utf8")[0], "1");
  });

  it("writes 0 to v2 again when its event does not come in time", () => {
    const v2 = cgroup({ "cgroup.freeze": "0\n", "cgroup.events": "populated 1\nfrozen 0\n" });
    const [freezer] = presentFreezers({ v1: {}, v2 });
    assert.equal(freezer !== undefined && freeze(freezer, 20), false);
    assert.equal(readFileSync(join(v2, "cgroup.freeze"), "utf8")[0], "0");
  });
});

describe("thaw and isFrozen", () => {
  it("are for both versions", () => {
    const state = join(cgroup({ "freezer.state": "FROZEN\n" }), "freezer.state");
    assert.equal(isFrozen({ version: 1, state }), true);
    thaw({ version: 1, state });
    assert.equal(isFrozen({ version: 1, state }), false);
  });
});

describe("presentFreezers", () => {
  it("prefers v2, and leaves out what the kernel does not have", () => {
    const v2 = cgroup({ "cgroup.freeze": "0\n" });
    const freezer = cgroup({ "freezer.state": "THAWED\n" });
    const versions = (paths: Parameters<typeof presentFreezers>[0]) =>
      presentFreezers(paths).map(({ version }) => version);
    assert.deepEqual(versions({ v1: { freezer }, v2 }), [2, 1]);
    assert.deepEqual(versions({ v1: { freezer }, v2: cgroup({}) }), [1]);
    assert.deepEqual(versions({ v1: {} }), []);
  });
});
