import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { enginePaths } from "../../../../src/engine/base/paths.ts";
import { makeOverlayDirectory, removeOverlayDirectories } from "../../../../src/engine/storage/overlay-layout.ts";

test("removeOverlayDirectories removes what a crash has left before the short name was written", () => {
  const root = mkdtempSync(join(tmpdir(), "mydocker-layout-"));
  try {
    const paths = enginePaths({ effectiveUid: 0, env: () => undefined, root, runRoot: root });
    makeOverlayDirectory(paths, "whole", [], false);
    makeOverlayDirectory(paths, "cut", ["whole"], true);
    truncateSync(`${paths.overlay2}/cut/link`);
    removeOverlayDirectories(paths, "cut", "whole");
    // The name that nobody knows any more.
    const [name = "", ...others] = readdirSync(`${paths.overlay2}/l`);
    assert.deepEqual([readdirSync(paths.overlay2), others], [["l"], []]);
    assert.match(name, /^[A-Z2-7]{26}$/);
    // The last of 26 digits has 3 of 128 bits.
    assert.match(name, /[AEIMQUY4]$/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
