import assert from "node:assert/strict";
import { it } from "node:test";
import { memoryCgroup } from "../../../../src/engine/container/container-cgroup.ts";

for (const [text, path] of [
  ["0::/user.slice/a.scope/mydocker/id\n", "/user.slice/a.scope/mydocker/id"],
  ["5:cpu,cpuacct:/x\n4:memory:/user/mydocker/id\n0::/\n", "/user/mydocker/id"],
  ["1:name=systemd:/a\n0::/b:c\n", "/b:c"],
  ["", undefined],
] as const) {
  it(`memoryCgroup gives ${path} for ${JSON.stringify(text)}`, () => assert.equal(memoryCgroup(text), path));
}
