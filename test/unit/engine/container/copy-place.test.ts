import assert from "node:assert/strict";
import { it } from "node:test";
import { cleanPath, copiedTo, parseCopyPlace } from "../../../../src/engine/container/copy/copy-place.ts";

for (const [text, place] of [
  ["web:/etc", { kind: "container", container: "web", path: "/etc" }],
  ["web:etc/a:b", { kind: "container", container: "web", path: "etc/a:b" }],
  ["-", { kind: "stream" }],
  ["./a:b", { kind: "host", path: "./a:b" }],
  ["/a:b", { kind: "host", path: "/a:b" }],
  ["a/b", { kind: "host", path: "a/b" }],
  [":x", { kind: "host", path: ":x" }],
] as const) {
  it(`parseCopyPlace reads "${text}"`, () => assert.deepEqual(parseCopyPlace(text), place));
}

const file = { isDirectory: false, isContent: false, base: "f" };
const directory = { isDirectory: true, isContent: false, base: "d" };
const content = { isDirectory: true, isContent: true, base: "d" };

for (const [name, source, there, mustBeDirectory, expected] of [
  ["a file into a directory", file, "directory", false, { into: "target", name: "f" }],
  ["a file over a file", file, "other", false, { into: "parent", name: "t" }],
  ["a file to a new name", file, "nothing", false, { into: "parent", name: "t" }],
  ["a file to a directory that is missing", file, "nothing", true, /no such directory/],
  ["a file to a file with a slash", file, "other", true, /not a directory/],
  ["a directory into a directory", directory, "directory", false, { into: "target", name: "d" }],
  ["a directory's content into a directory", content, "directory", false, { into: "target", name: "" }],
  ["a directory to a new name", directory, "nothing", false, { into: "parent", name: "t" }],
  ["a directory to a new name with a slash", directory, "nothing", true, { into: "parent", name: "t" }],
  ["a directory's content to a new name", content, "nothing", false, { into: "parent", name: "t" }],
  ["a directory over a file", directory, "other", false, /cannot copy directory/],
] as const) {
  it(`copiedTo knows ${name}`, () => {
    const act = () => copiedTo(source, { there, mustBeDirectory, base: "t" });
    if (expected instanceof RegExp) assert.throws(act, expected);
    else assert.deepEqual(act(), expected);
  });
}

it("cleanPath takes away what a path does not need", () => {
  assert.equal(cleanPath("/a/./b//../c/"), "/a/c");
  assert.equal(cleanPath("/../.."), "/");
});
