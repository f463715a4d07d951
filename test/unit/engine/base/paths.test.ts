import assert from "node:assert/strict";
import { test } from "node:test";
import { enginePaths } from "../../../../src/engine/base/paths.ts";

function roots(effectiveUid: number, env: Readonly<Record<string, string>>, root?: string): readonly [string, string] {
  const paths = enginePaths({ effectiveUid, env: (name) => env[name], root });
  return [paths.root, paths.run];
}

test("enginePaths follows the user, XDG and the flags", () => {
  assert.deepEqual(roots(0, { HOME: "/root" }), ["/var/lib/mydocker", "/run/mydocker"]);
  assert.deepEqual(roots(7, { XDG_DATA_HOME: "/d", XDG_RUNTIME_DIR: "/r" }), ["/d/mydocker", "/r/mydocker"]);
  assert.deepEqual(roots(7, { HOME: "/h" }), ["/h/.local/share/mydocker", "/tmp/mydocker-run-7/mydocker"]);
  assert.deepEqual(roots(0, {}, "/x"), ["/x", "/run/mydocker"]);
});
