import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { FileWrite } from "../../../src/cgroup/cgroup-plan.ts";
import { type Restore, restoreOf } from "../../../src/cgroup/restore.ts";
import { readTakeBacks, takeBack } from "../../../src/runtime/update-restore.ts";

const directory = mkdtempSync(join(tmpdir(), "mdr-restore-"));
after(() => rmSync(directory, { recursive: true }));

describe("readTakeBacks and takeBack", () => {
  const cases: readonly (readonly [file: string, before: string, value: string, restored: string])[] = [
    ["memory.limit_in_bytes", "4096\n", "8192", "4096"],
    ["memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", "1", "0"],
    ["io.max", "8:0 rbps=1 wbps=max riops=max wiops=max\n", "8:0 rbps=9", "8:0 rbps=1 wbps=max riops=max wiops=max"],
    ["io.max", "", "8:0 rbps=9", "8:0 rbps=max wbps=max riops=max wiops=max"],
    ["blkio.throttle.read_bps_device", "8:16 7\n8:0 5\n", "8:0 9", "8:0 5"],
    ["blkio.throttle.read_bps_device", "8:16 7\n", "8:0 9", "8:0 0"],
  ];
  for (const [file, before, value, restored] of cases) {
    it(`puts ${JSON.stringify(restored)} back into ${file} that was ${JSON.stringify(before)}`, () => {
      const path = join(directory, file);
      writeFileSync(path, before);
      const entries = readTakeBacks([withRestore({ path, value })]);
      // Shorter than what is put back: the text is all that a cgroup file takes.
      writeFileSync(path, "");
      assert.deepEqual(takeBack(entries), []);
      assert.equal(readFileSync(path, "utf8"), restored);
    });
  }

  it("takes an entry of the device list back through the opposite file", () => {
    const [allow, deny] = ["devices.allow", "devices.deny"].map((name) => join(directory, name));
    writeFileSync(deny ?? "", "");
    assert.deepEqual(takeBack(readTakeBacks([withRestore({ path: allow ?? "", value: "c 1:3 r" })])), []);
    assert.equal(readFileSync(deny ?? "", "utf8"), "c 1:3 r");
  });

  it("reads the file that stands in for one that is missing", () => {
    const orElse = join(directory, "stands-in");
    writeFileSync(orElse, "7\n");
    const [entry] = readTakeBacks([withRestore({ path: join(directory, "missing"), value: "8", orElse })]);
    assert.deepEqual(entry, { path: orElse, text: "7" });
  });

  it("takes the last one back first, goes on where one fails, and tells what failed", () => {
    const path = join(directory, "order");
    writeFileSync(path, "");
    const missing = { path: join(directory, "nowhere"), text: "x" };
    const failures = takeBack([{ path, text: "first" }, undefined, missing, { path, text: "last" }]);
    assert.equal(failures.length, 1);
    assert.match(failures[0]?.message ?? "", /nowhere/);
    // "first" was written over "last", at the start of the file.
    assert.equal(readFileSync(path, "utf8"), "first");
  });
});

function withRestore(write: Pick<FileWrite, "path" | "value" | "orElse">): {
  readonly write: FileWrite;
  readonly restore: Restore;
} {
  const whole: FileWrite = { kind: "write", from: { config: "/linux/resources" }, when: "always", ...write };
  return { write: whole, restore: restoreOf(whole) };
}
