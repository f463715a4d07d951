import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { linesFrom } from "../plan/plan-of.ts";

const LIMIT = "/linux/resources/memory/limit";
const FILE = "/sys/fs/cgroup/memory/box/memory.limit_in_bytes";
const KIB = 1024;

function linesOf(limitKiB: number): readonly string[] {
  return linesFrom(LIMIT, { linux: { resources: { memory: { limit: limitKiB * KIB } } } });
}

describe("a limit of memory", () => {
  for (const limitKiB of [256, 351]) {
    it(`of ${limitKiB} KiB is raised to when the init is prepared, so that no batch is charged before`, () => {
      assert.deepEqual(linesOf(limitKiB), [
        `parent cgroup.write ${FILE} = ${252 * KIB}`,
        "parent exec.read_ahead true",
        `parent cgroup.raise ${FILE} = ${limitKiB * KIB}`,
      ]);
    });
  }

  for (const limitKiB of [255, 352, 4095]) {
    it(`of ${limitKiB} KiB is set at once, and the command read ahead`, () => {
      assert.deepEqual(linesOf(limitKiB), [
        `parent cgroup.write ${FILE} = ${limitKiB * KIB}`,
        "parent exec.read_ahead true",
      ]);
    });
  }

  it("that is not small is set and no more", () => {
    assert.deepEqual(linesOf(4096), [`parent cgroup.write ${FILE} = ${4096 * KIB}`]);
  });

  it("that is lifted is set and no more", () => {
    const lines = linesFrom(LIMIT, { linux: { resources: { memory: { limit: -1 } } } });
    assert.equal(lines[0], `parent cgroup.write ${FILE} = -1`);
    assert.ok(!lines.some((line) => line.includes("exec.read_ahead")));
  });
});
