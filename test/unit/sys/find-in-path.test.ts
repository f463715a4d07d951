import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findInPath } from "../../../src/sys/find-in-path.ts";

const directory = mkdtempSync(join(tmpdir(), "mydocker-path-"));
after(() => rmSync(directory, { recursive: true }));

test("findInPath takes the first program, also behind a symlink, and no directory", () => {
  const [first, second] = ["first", "second"].map((name) => join(directory, name)) as [string, string];
  mkdirSync(join(first, "tool"), { recursive: true });
  mkdirSync(second);
  writeFileSync(join(second, "real"), "");
  chmodSync(join(second, "real"), 0o755);
  symlinkSync("real", join(second, "tool"));
  assert.equal(findInPath("tool", `relative:${first}::${second}`), join(second, "tool"));
  assert.equal(findInPath("nothing", `${first}:${second}`), undefined);
  assert.equal(findInPath("real", join(second, "real")), undefined);
});
