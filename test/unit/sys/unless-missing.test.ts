import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemError } from "../../../src/base/errors.ts";
import { readLink } from "../../../src/sys/files.ts";
import { unlessMissing } from "../../../src/sys/unless-missing.ts";

test("unlessMissing gives what the call gives, and nothing for what is not there", () => {
  assert.equal(
    unlessMissing(() => readLink("/proc/self/exe")),
    process.execPath,
  );
  assert.equal(
    unlessMissing(() => readLink("/proc/self/no-such-file")),
    undefined,
  );
});

test("unlessMissing throws what else is wrong", () => {
  assert.throws(() => unlessMissing(() => readLink("/proc/self/status")), SystemError);
  assert.throws(
    () =>
      unlessMissing(() => {
        throw new TypeError("not of the kernel");
      }),
    TypeError,
  );
});
