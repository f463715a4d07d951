import assert from "node:assert/strict";
import { test } from "node:test";
import { newObjectId, resolveObject, shortId } from "../../../../src/engine/base/object-id.ts";

const OBJECTS = [
  { id: "abc1".padEnd(64, "0"), name: "web" },
  { id: "abd2".padEnd(64, "0"), name: "abc1" },
];

test("resolveObject prefers the id, then the name, then one beginning", () => {
  const found = (word: string) => {
    const resolution = resolveObject(OBJECTS, word);
    return resolution.outcome === "found" ? resolution.object.name : resolution.outcome;
  };
  const words = [OBJECTS[0]?.id ?? "", "web", "/web", "abc1", "abd", "ab", "x", ""];
  assert.deepEqual(words.map(found), ["web", "web", "web", "abc1", "abc1", "ambiguous", "missing", "missing"]);
});

test("newObjectId has 64 hexadecimal digits, of which twelve are shown", () => {
  const id = newObjectId();
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(shortId(`sha256:${id}`), id.slice(0, 12));
});
