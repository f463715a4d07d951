import assert from "node:assert/strict";
import { test } from "node:test";
import { pathType } from "../../../src/sys/files.ts";
import { installedFile } from "../../../src/sys/installed-file.ts";

test("installedFile finds what the build made, from the sources and from their compiled form", () => {
  assert.equal(pathType(installedFile("mydocker-native.node")), "file");
});
