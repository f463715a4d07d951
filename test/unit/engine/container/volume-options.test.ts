import assert from "node:assert/strict";
import { test } from "node:test";
import { checkVolumeOptions, volumeMount } from "../../../../src/engine/container/volume-options.ts";
import { MOUNT_ATTR } from "../../../../src/linux/mount-flags.ts";

for (const [options, reason] of [
  [{ foo: "1" }, /create v: invalid option: "foo"/],
  [{ o: "bind" }, /missing required option: "device"/],
  [{ type: "tmpfs" }, /missing required option: "device"/],
  [{ device: "/x" }, /missing required option: "type"/],
  [{ size: "1g" }, /quota size requested but no quota support/],
] as const) {
  test(`checkVolumeOptions refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => checkVolumeOptions("v", options), reason);
  });
}

test("checkVolumeOptions takes a filesystem's three options, and none", () => {
  checkVolumeOptions("v", {});
  checkVolumeOptions("v", { type: "none", device: "/x", o: "bind" });
});

test("volumeMount is nothing for a plain volume", () => {
  assert.equal(volumeMount({}), undefined);
});

test("volumeMount binds a directory when the options say so", () => {
  assert.deepEqual(volumeMount({ type: "none", device: "/x", o: "bind,ro" }), {
    kind: "bind",
    device: "/x",
    isReadonly: true,
  });
});

test("volumeMount tells the filesystem's options from those of the mount", () => {
  assert.deepEqual(volumeMount({ type: "tmpfs", device: "tmpfs", o: "size=1m,noexec,,mode=700" }), {
    kind: "filesystem",
    type: "tmpfs",
    attributes: MOUNT_ATTR.NOEXEC,
    options: [
      ["source", "tmpfs"],
      ["size", "1m"],
      ["mode", "700"],
    ],
  });
});
