import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../src/base/errors.ts";
import { stateRoot } from "../../../src/cli/state-root.ts";

interface User {
  readonly uid: number;
  readonly isInUserNamespace: boolean;
  readonly env: Readonly<Record<string, string>>;
}

function rootOf(flag: string | undefined, { uid, isInUserNamespace, env }: User, cwd = "/work"): string {
  return stateRoot(flag, {
    cwd: () => cwd,
    env: (name) => env[name],
    effectiveUid: () => uid,
    isInUserNamespace: () => isInUserNamespace,
  });
}

const ROOT: User = { uid: 0, isInUserNamespace: false, env: {} };
const XDG = { XDG_RUNTIME_DIR: "/run/user/1000" };

for (const [user, root, text] of [
  [ROOT, "/run/mydocker-runtime", "is /run/mydocker-runtime for root"],
  [{ ...ROOT, env: XDG }, "/run/mydocker-runtime", "takes no XDG_RUNTIME_DIR for root"],
  [{ ...ROOT, uid: 1000, env: XDG }, "/run/user/1000/mydocker-runtime", "is below XDG_RUNTIME_DIR for a user"],
  [{ ...ROOT, uid: 1000 }, "/run/mydocker-runtime", "is /run/mydocker-runtime for a user without XDG_RUNTIME_DIR"],
  [{ ...ROOT, uid: 1000, env: { XDG_RUNTIME_DIR: "" } }, "/run/mydocker-runtime", "takes no empty XDG_RUNTIME_DIR"],
  [
    { uid: 0, isInUserNamespace: true, env: XDG },
    "/run/user/1000/mydocker-runtime",
    "is below XDG_RUNTIME_DIR for root of a user namespace",
  ],
  [
    { uid: 0, isInUserNamespace: true, env: { ...XDG, USER: "root" } },
    "/run/mydocker-runtime",
    "is /run/mydocker-runtime for a user namespace's root that is called root",
  ],
] as const) {
  test(`the default state root ${text}`, () => {
    assert.equal(rootOf(undefined, user), root);
  });
}

test("stateRoot makes --root absolute", () => {
  assert.equal(rootOf("state/../s", ROOT), "/work/s");
  assert.equal(rootOf("/var//lib/./s/", ROOT), "/var/lib/s");
});

for (const flag of ["/", "", "..", "/tmp/..", "///"]) {
  test(`stateRoot refuses --root "${flag}"`, () => {
    assert.throws(
      () => rootOf(flag, ROOT),
      (error) => error instanceof UsageError && error.details.flag === "--root",
    );
  });
}
