import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBytes } from "../../../../src/engine/base/random-bytes.ts";

test("randomBytes gives as many as are asked for, others each time", () => {
  const [one, other] = [randomBytes(256), randomBytes(256)];
  assert.deepEqual([one.length, randomBytes(0).length], [256, 0]);
  assert.notDeepEqual(one, other);
  // All of 256 the same byte would be no chance.
  assert.ok(new Set(one).size > 1);
  assert.throws(() => randomBytes(257), /\(EINVAL\)/);
});
