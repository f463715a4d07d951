import assert from "node:assert/strict";
import { test } from "node:test";
import { chainIds, sha256 } from "../../../../src/engine/storage/layer-record.ts";

test("chainIds hashes each layer on those below it", () => {
  const [a, b, c] = [sha256("a"), sha256("b"), sha256("c")];
  const ab = sha256(`${a} ${b}`);
  assert.deepEqual(chainIds([]), []);
  assert.deepEqual(chainIds([a, b, c]), [a, ab, sha256(`${ab} ${c}`)]);
});
