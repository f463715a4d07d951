import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPlatform, ociArchitecture } from "../../../../src/engine/image/platform.ts";

const own = { os: "linux", architecture: ociArchitecture(process.arch) };
const other = { os: "linux", architecture: "sparc64", variant: "v9" };

function warnings(image: Parameters<typeof checkPlatform>[1], wanted?: string): readonly string[] {
  const said: string[] = [];
  checkPlatform("base", image, wanted, (message) => void said.push(message));
  return said;
}

test("checkPlatform says nothing of an image for this machine", () => {
  assert.deepEqual(warnings(own), []);
});

test("checkPlatform tells of an image for another machine when none was asked for", () => {
  const [message = "", ...more] = warnings(other);
  assert.deepEqual(more, []);
  const ours = `(linux/${own.architecture})`;
  assert.equal(
    message,
    `The requested image's platform (linux/sparc64/v9) does not match the detected host platform ${ours} and no specific platform was requested`,
  );
});

test("checkPlatform takes what was asked for, and refuses what was not", () => {
  assert.deepEqual(warnings(other, "linux/sparc64"), []);
  assert.deepEqual(warnings(other, "linux/sparc64/v9"), []);
  assert.throws(() => warnings(other, "linux/sparc64/v8"), /wanted linux\/sparc64\/v8, actual: linux\/sparc64\/v9/);
  assert.throws(() => warnings(own, "linux/sparc64"), /does not match the specified platform/);
});
