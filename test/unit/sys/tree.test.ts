import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SystemError } from "../../../src/base/errors.ts";
import { removeTrees } from "../../../src/sys/tree.ts";

const scratch = mkdtempSync(join(tmpdir(), "tree-test-"));
after(() => rmSync(scratch, { recursive: true }));

function makeTree(name: string, depth: number): string {
  const path = join(scratch, name);
  mkdirSync(join(path, "d/".repeat(depth)), { recursive: true });
  writeFileSync(join(path, "d/".repeat(depth), "file"), "");
  return path;
}

test("removeTrees removes several at once, deep ones and files among them, and what is missing is fine", () => {
  const file = join(scratch, "file");
  writeFileSync(file, "");
  const paths = [makeTree("one", 200), makeTree("two", 3), file, join(scratch, "none")];
  removeTrees(paths);
  assert.deepEqual(paths.filter(existsSync), []);
  removeTrees([]);
});

test("removeTrees removes the others where one cannot be removed, and tells that one", () => {
  const paths = [makeTree("before", 2), "/proc/self/task", makeTree("behind", 2)];
  assert.throws(
    () => removeTrees(paths),
    (error) => error instanceof SystemError && error.failure.path === "/proc/self/task",
  );
  assert.deepEqual(paths.filter(existsSync), ["/proc/self/task"]);
});

test("removeTrees removes nothing where it cannot take all of the paths", () => {
  const path = makeTree("kept", 1);
  assert.throws(() => removeTrees([path, `${path}\0`]), /\(EINVAL\)/);
  assert.throws(() => removeTrees([path, path, path, path, path]), /\(EINVAL\)/);
  assert.equal(existsSync(path), true);
});
