import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { markOf, sweepPredecessors } from "../../helpers/clients-leftovers.ts";
import { needsRoot } from "../../helpers/needs.ts";

/** Of cgroup v1 or v2. */
const HIERARCHY = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].find((path) => existsSync(path)) ?? "";

it("sweepPredecessors removes what tests have left whose process is no more", {
  skip: needsRoot() ?? false,
}, async () => {
  const { pid: dead } = spawnSync("true");
  const places = [HIERARCHY, tmpdir()];
  const left = places.map((place) => join(place, `${markOf(dead)}1`));
  const own = places.map((place) => join(place, `${markOf(process.pid)}of-this-test`));
  for (const path of [...left, ...own]) mkdirSync(join(path, "inner"), { recursive: true });
  try {
    await sweepPredecessors();
    assert.deepEqual(left.map(existsSync), [false, false]);
    assert.deepEqual(own.map(existsSync), [true, true]);
  } finally {
    for (const path of [...left, ...own].filter((path) => existsSync(path))) remove(path);
  }
});

function remove(path: string): void {
  if (path.startsWith(HIERARCHY)) for (const directory of [join(path, "inner"), path]) rmdirSync(directory);
  else rmSync(path, { recursive: true });
}
