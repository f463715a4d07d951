import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { COLUMNS, generateSyscalls } from "../../../src/tools/generate-syscalls.ts";

describe("generateSyscalls", () => {
  const tree = mkdtempSync(join(tmpdir(), "syscalls-"));
  after(() => rmSync(tree, { recursive: true }));

  function writeTables(text: string): void {
    for (const { file } of Object.values(COLUMNS)) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), text);
    }
  }

  test("takes the lines of an architecture's ABIs, and adds newer calls", () => {
    writeTables("# number abi name\n0\tcommon\tread\tsys_read\n1\tx32\tx32_only\n2 64 wide\n7\tcommon reserved7\n");
    const text = generateSyscalls(tree);
    const names = /SYSCALL_NAMES =\n\s+"([^"]*)"/.exec(text)?.[1]?.replaceAll("\\\n", "").split(" ") ?? [];
    assert.deepEqual(
      names.filter((name) => /read|wide|only|reserved/.test(name)),
      ["read", "wide", "x32_only"],
    );
    const rows = new Map(
      [...text.matchAll(/^ {2}(\w+):\n\s+"([^"]*)"/gm)].map(([, column = "", row = ""]) => [
        column,
        row.replaceAll("\\\n", "").split(","),
      ]),
    );
    const numberOf = (column: string, name: string) => rows.get(column)?.[names.indexOf(name)];
    assert.deepEqual(
      ["x86_64", "x32", "aarch64", "x86"].map((column) => numberOf(column, "read")),
      ["0", "0", "0", ""],
    );
    assert.deepEqual([numberOf("x32", "x32_only"), numberOf("x86_64", "x32_only")], ["1", ""]);
    assert.deepEqual([numberOf("aarch64", "wide"), numberOf("x32", "wide")], ["2", ""]);
    assert.equal(numberOf("s390", "file_getattr"), "468");
  });

  test("refuses a tree that contradicts what is known of newer calls", () => {
    writeTables("99\tcommon\tfile_getattr\n99\ti386\tfile_getattr\n");
    assert.throws(() => generateSyscalls(tree), /file_getattr is 99/);
  });
});
