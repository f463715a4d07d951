import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { specUrl } from "../../../src/base/spec-ref.ts";
import { SPEC_VERSION, VERSION } from "../../../src/base/version.ts";
import { versionText } from "../../../src/cli/version.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

test("VERSION is the package's", () => {
  const manifest: unknown = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"));
  assert.equal(Object(manifest).version, VERSION);
});

test("SPEC_VERSION is the one that links to the spec point to", () => {
  assert.match(specUrl("config.md"), new RegExp(`/v${SPEC_VERSION.replaceAll(".", "\\.")}/`));
});

test("versionText has the lines that go-runc and moby look for, and the word version in the first one only", () => {
  const lines = versionText("bun 1.0.0").trimEnd().split("\n");
  assert.equal(lines[0], `mydocker-runtime version ${VERSION}`);
  assert.match(lines[1] ?? "", /^commit: \S+$/);
  assert.equal(lines[2], `spec: ${SPEC_VERSION}`);
  assert.deepEqual(
    lines.filter((line) => line.includes("version")),
    lines.slice(0, 1),
  );
});
