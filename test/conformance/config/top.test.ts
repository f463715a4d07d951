import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { assertRefused, assertRequired, requirement } from "../requirement.ts";

const VERSION = "config.md#specification-version";
const ROOT = "config.md#root";

requirement(VERSION, { id: "MD-CF-01", level: "REQUIRED", says: "ociVersion is there" }, (box) =>
  assertRequired(box, box.config, "ociVersion"),
);

requirement(VERSION, { id: "MD-CF-02", says: "ociVersion is a Semantic Version" }, async (box) => {
  box.config.ociVersion = "one.three";
  await assertRefused(box);
});

requirement(ROOT, { id: "MD-CF-03", level: "REQUIRED", says: "root is there" }, (box) =>
  assertRequired(box, box.config, "root"),
);

requirement(ROOT, { id: "MD-CF-04", level: "REQUIRED", says: "root.path is there" }, (box) =>
  assertRequired(box, box.config.root, "path"),
);

requirement(ROOT, { id: "MD-CF-05", says: "root.path names a directory" }, async (box) => {
  box.config.root.path = "config.json";
  await assertRefused(box);
});

requirement(ROOT, { id: "MD-CF-06", says: "root.readonly true makes the root read-only" }, async (box) => {
  mkdirSync(box.inRootfs("deeper"));
  const [top, below] = await box.look(["write", "/file", "x"], ["write", "/deeper/file", "x"]);
  assert.deepEqual([top, below], [{ error: "EROFS" }, { error: "EROFS" }]);
});

const EXTENSIBILITY = "config.md#extensibility";

requirement(EXTENSIBILITY, { id: "MD-CF-114", says: "unknown properties are ignored, and no error" }, async (box) => {
  Object.assign(box.config, { "org.example.unknown": { deep: [1, null] } });
  Object.assign(box.config.linux, { unknown: true });
  Object.assign(box.config.process, { unknown: "text" });
  assert.deepEqual(await box.look(["cwd"]), ["/"]);
});

requirement(
  "config.md#valid-values",
  { id: "MD-CF-115", says: "an invalid or unsupported value is an error" },
  async (box) => {
    Object.assign(box.config.root, { readonly: "yes" });
    await assertRefused(box);
  },
);
