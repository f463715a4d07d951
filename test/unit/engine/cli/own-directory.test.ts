import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwn, isSafeParent } from "../../../../src/engine/cli/own-directory.ts";

const ME = 1000;
const OTHER = 1001;

test("isOwn holds for a directory that nobody else can change", () => {
  assert.equal(isOwn({ uid: ME, mode: 0o40755 }, ME), true);
  assert.equal(isOwn({ uid: OTHER, mode: 0o40700 }, ME), false);
  assert.equal(isOwn({ uid: ME, mode: 0o40770 }, ME), false);
  assert.equal(isOwn({ uid: ME, mode: 0o41777 }, ME), false);
});

test("isSafeParent holds where nobody else can put another directory in its place", () => {
  assert.equal(isSafeParent({ uid: ME, mode: 0o40700 }, ME), true);
  assert.equal(isSafeParent({ uid: 0, mode: 0o41777 }, ME), true);
  assert.equal(isSafeParent({ uid: 0, mode: 0o40755 }, ME), true);
  assert.equal(isSafeParent({ uid: 0, mode: 0o40777 }, ME), false);
  assert.equal(isSafeParent({ uid: OTHER, mode: 0o40755 }, ME), false);
});
