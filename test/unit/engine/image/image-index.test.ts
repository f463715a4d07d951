import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { enginePaths } from "../../../../src/engine/base/paths.ts";
import type { Digest } from "../../../../src/engine/image/image.ts";
import { changeIndex, type IndexEntry, readIndex } from "../../../../src/engine/image/image-index.ts";

const root = mkdtempSync(join(tmpdir(), "image-index-"));
after(() => rmSync(root, { recursive: true }));
const paths = enginePaths({ effectiveUid: 0, env: () => undefined, root, runRoot: root });

const digest: Digest = `sha256:${"a".repeat(64)}`;
const ENTRY: IndexEntry = { manifest: { mediaType: "m", digest, size: 1 }, reference: "x", imageId: digest };

test("changeIndex has written the index when it lets what nobody needs any more be removed", async () => {
  await changeIndex(paths, () => [ENTRY]);
  let seen: readonly IndexEntry[] = [ENTRY];
  await changeIndex(
    paths,
    () => [],
    (left) => {
      seen = readIndex(paths);
      assert.deepEqual(left, []);
    },
  );
  assert.deepEqual(seen, []);
});
