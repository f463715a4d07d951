import assert from "node:assert/strict";
import { requirement } from "../requirement.ts";

const LINKS = [
  ["MD-RL-01", "/dev/fd", "/proc/self/fd"],
  ["MD-RL-02", "/dev/stdin", "/proc/self/fd/0"],
  ["MD-RL-03", "/dev/stdout", "/proc/self/fd/1"],
  ["MD-RL-04", "/dev/stderr", "/proc/self/fd/2"],
] as const;

for (const [id, path, target] of LINKS) {
  requirement("runtime-linux.md#dev-symbolic-links", { id, says: `${path} is a link to ${target}` }, async (box) => {
    assert.deepEqual(await box.look(["readlink", path]), [target]);
  });
}
