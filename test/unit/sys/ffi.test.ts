import assert from "node:assert/strict";
import { test } from "node:test";
import { cLibrary } from "../../../src/sys/ffi.ts";

const PR_GET_DUMPABLE = 3;
const PR_CAPBSET_READ = 23;
const EFAULT = 14;
const EINVAL = 22;
const EBADF = 9;

test("prctl gives what the kernel gives", () => {
  assert.equal(cLibrary().prctl(PR_GET_DUMPABLE, 0), 1);
  assert.equal(cLibrary().prctl(PR_CAPBSET_READ, 1000), -1);
  assert.equal(cLibrary().errno(), EINVAL);
});

test("seccomp tells known actions and flags from unknown ones", () => {
  const { seccomp, errno } = cLibrary();
  assert.equal(seccomp(2, 0, Uint32Array.of(0x7fff0000)), 0);
  assert.equal(seccomp(2, 0, Uint32Array.of(0x12340000)), -1);
  assert.equal(seccomp(1, 2, null), -1);
  assert.equal(errno(), EFAULT);
  assert.equal(seccomp(1, 1 << 30, null), -1);
  assert.equal(errno(), EINVAL);
});

test("mountSetattr reaches the kernel", () => {
  assert.equal(cLibrary().mountSetattr(-1, "x", 0, null, 32), -1);
  assert.ok([EBADF, EFAULT, EINVAL].includes(cLibrary().errno()));
});
