import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findProgram, makeRootfs } from "../../../src/tools/make-rootfs.ts";

describe("makeRootfs", () => {
  it("makes a root with a shell and the files that programs look for", (t) => {
    const directory = mkdtempSync(join(tmpdir(), "mydocker-rootfs-"));
    t.after(() => rmSync(directory, { recursive: true }));
    assert.notEqual(makeRootfs(directory), "");
    assert.ok(readdirSync(join(directory, "bin")).includes("sh"));
    assert.match(readFileSync(join(directory, "etc/passwd"), "utf8"), /^root:x:0:0:/);
  });

  it("makes the same root again over itself", (t) => {
    const directory = mkdtempSync(join(tmpdir(), "mydocker-rootfs-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const made = makeRootfs(directory);
    assert.equal(makeRootfs(directory), made);
  });

  it("takes the shell and common tools with their libraries where there is no busybox", (t) => {
    const directory = mkdtempSync(join(tmpdir(), "mydocker-rootfs-"));
    t.after(() => rmSync(directory, { recursive: true }));
    mkdirSync(join(directory, "tools"));
    for (const name of ["sh", "cat", "ldd"]) {
      symlinkSync(findProgram(name, process.env.PATH ?? "") ?? "/bin/sh", join(directory, "tools", name));
    }
    makeRootfs(join(directory, "rootfs"), join(directory, "tools"));
    assert.deepEqual(readdirSync(join(directory, "rootfs/bin")).sort(), ["cat", "sh"]);
    const libraries = readdirSync(join(directory, "rootfs"), { recursive: true, encoding: "utf8" });
    assert.ok(libraries.some((file) => /libc\.so|ld-musl/.test(file)) || findProgram("sh") === findProgram("busybox"));
  });
});
