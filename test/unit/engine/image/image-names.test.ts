import assert from "node:assert/strict";
import { test } from "node:test";
import type { Digest } from "../../../../src/engine/image/image.ts";
import type { IndexEntry } from "../../../../src/engine/image/image-index.ts";
import { addImage, withoutReference } from "../../../../src/engine/image/image-names.ts";

function image(letter: string, manifest = letter): Omit<IndexEntry, "reference"> {
  const digest: Digest = `sha256:${manifest.repeat(64)}`;
  return { manifest: { mediaType: "m", digest, size: 1 }, imageId: `sha256:${letter.repeat(64)}` };
}

function shown(entries: readonly IndexEntry[]): readonly string[] {
  return entries.map(({ reference, imageId }) => `${reference ?? "-"}=${imageId?.[7]}`);
}

test("addImage takes a name over, and the image that had it is dangling", () => {
  const one = addImage([], image("a"), ["x", "y"]);
  const two = addImage(one, image("b"), ["x"]);
  assert.deepEqual(shown(two), ["y=a", "x=b"]);
  assert.deepEqual(shown(addImage(two, image("c"), ["y"])), ["-=a", "x=b", "y=c"]);
});

test("an image without a name is there once, and not beside its name", () => {
  const twice = addImage(addImage([], image("a"), []), image("a"), []);
  assert.deepEqual(shown(twice), ["-=a"]);
  assert.deepEqual(shown(addImage(twice, image("a", "b"), ["x"])), ["x=a"]);
});

test("withoutReference leaves an image its other names", () => {
  const both = addImage([], image("a"), ["x", "y"]);
  assert.deepEqual(shown(withoutReference(both, "x")), ["y=a"]);
  assert.deepEqual(shown(withoutReference(withoutReference(both, "x"), "y")), ["-=a"]);
});
