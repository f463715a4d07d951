import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lockObject, lockPath, tryLockObject } from "../../../../src/engine/base/object-lock.ts";
import { enginePaths } from "../../../../src/engine/base/paths.ts";
import { unlink } from "../../../../src/sys/files.ts";

const root = mkdtempSync(join(tmpdir(), "object-lock-"));
after(() => rmSync(root, { recursive: true }));
const paths = enginePaths({ effectiveUid: 0, env: () => undefined, root, runRoot: root });

test("a lock keeps others out until it is released, and shared ones only exclusive ones", () => {
  const first = lockObject(paths, "volume", "a", "shared");
  const second = tryLockObject(paths, "volume", "a", "shared");
  assert.ok(second !== undefined);
  assert.equal(tryLockObject(paths, "volume", "a"), undefined);
  assert.ok(tryLockObject(paths, "volume", "b") !== undefined);
  first.release();
  first.release();
  second.release();
  const alone = tryLockObject(paths, "volume", "a");
  assert.ok(alone !== undefined);
  assert.equal(tryLockObject(paths, "volume", "a", "shared"), undefined);
  alone.release();
});

test("whoever removes a lock file leaves no lock behind that two could hold", () => {
  const old = lockObject(paths, "container", "x");
  unlink(lockPath(paths, "container", "x"));
  const fresh = tryLockObject(paths, "container", "x");
  assert.ok(fresh !== undefined);
  old.release();
  assert.equal(tryLockObject(paths, "container", "x"), undefined);
  fresh.release();
});
