import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { enginePaths } from "../../../../src/engine/base/paths.ts";
import { makeOverlayDirectory, removeOverlayDirectory } from "../../../../src/engine/storage/overlay-layout.ts";

test("removeOverlayDirectory removes what a crash has left before the short name was written", () => {
  const root = mkdtempSync(join(tmpdir(), "mydocker-layout-"));
  try {
    const paths = enginePaths({ effectiveUid: 0, env: () => undefined, root, runRoot: root });
    makeOverlayDirectory(paths, "whole", [], false);
    makeOverlayDirectory(paths, "cut", ["whole"], true);
    truncateSync(`${paths.overlay2}/cut/link`);
    removeOverlayDirectory(paths, "cut");
    assert.equal(existsSync(`${paths.overlay2}/cut`), false);
    removeOverlayDirectory(paths, "whole");
    assert.equal(existsSync(`${paths.overlay2}/whole`), false);
    // The name that nobody knows any more.
    assert.equal(readdirSync(`${paths.overlay2}/l`).length, 1);
  } finally {
    rmSync(root, { recursive: true });
  }
});
