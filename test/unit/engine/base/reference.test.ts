import assert from "node:assert/strict";
import { test } from "node:test";
import {
  familiarReference,
  fullReference,
  parseReference,
  parseTagged,
} from "../../../../src/engine/base/reference.ts";

const CASES: readonly (readonly [written: string, full: string, familiar: string])[] = [
  ["busybox", "docker.io/library/busybox:latest", "busybox:latest"],
  ["busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"],
  ["docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest"],
  ["index.docker.io/a/b:c", "docker.io/a/b:c", "a/b:c"],
  ["user/app", "docker.io/user/app:latest", "user/app:latest"],
  ["localhost/app", "localhost/app:latest", "localhost/app:latest"],
  ["localhost:5000/app:v1", "localhost:5000/app:v1", "localhost:5000/app:v1"],
  ["quay.io/a/b/c:d_e.f-g", "quay.io/a/b/c:d_e.f-g", "quay.io/a/b/c:d_e.f-g"],
  [`a@sha256:${"0".repeat(64)}`, `docker.io/library/a@sha256:${"0".repeat(64)}`, `a@sha256:${"0".repeat(64)}`],
];

for (const [written, full, familiar] of CASES) {
  test(`parseTagged takes ${written} for ${full}`, () => {
    assert.equal(fullReference(parseTagged(written)), full);
    assert.equal(familiarReference(full), familiar);
  });
}

for (const bad of [
  "",
  "A",
  "a:",
  "a:b:c",
  "-a",
  "a//b",
  "a/",
  "/a",
  "a@sha256:12",
  "a b",
  "../a",
  `a:${"t".repeat(129)}`,
]) {
  test(`parseReference refuses ${JSON.stringify(bad)}`, () => {
    assert.throws(() => parseReference(bad), /as the name of an image/);
  });
}

test("parseReference says when only the case is wrong", () => {
  assert.throws(() => parseReference("Web:1"), /repository name must be lowercase/);
});
