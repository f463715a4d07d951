import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ARCHITECTURES } from "../../../src/linux/arch.ts";
import { MULTIPLEXED_CALLS } from "../../../src/linux/seccomp.ts";
import { SYSCALL_NUMBERS } from "../../../src/linux/syscalls.gen.ts";
import { type SyscallTable, syscallNumbers, syscallRows } from "../../../src/linux/syscalls.ts";

function numberOf(table: SyscallTable, name: string): string | undefined {
  return syscallNumbers(table)[syscallRows().get(name) ?? -1];
}

describe("the system call tables", () => {
  const cases: readonly (readonly [SyscallTable, string, string])[] = [
    ["x86_64", "read", "0"],
    ["x86_64", "openat2", "437"],
    ["x86", "socketcall", "102"],
    ["x32", "rt_sigaction", "512"],
    ["aarch64", "openat", "56"],
    ["aarch64", "open", ""],
    ["arm", "set_tls", "983045"],
    ["mips", "file_getattr", "468"],
    ["s390x", "mseal", "462"],
  ];
  for (const [table, name, expected] of cases) {
    test(`have ${name} of ${table} as "${expected}"`, () => assert.equal(numberOf(table, name), expected));
  }

  test("have a place for every name", () => {
    for (const [table, text] of Object.entries(SYSCALL_NUMBERS)) {
      assert.equal(text.split(",").length, syscallRows().size, table);
      assert.match(text, /^(\d*,)*\d*$/, table);
    }
  });

  test("have the calls that carry others where the architecture says so", () => {
    for (const [name, { table, isMultiplexed }] of Object.entries(ARCHITECTURES)) {
      const carriers = Object.keys(MULTIPLEXED_CALLS).map((carrier) => numberOf(table, carrier) !== "");
      assert.deepEqual(carriers, isMultiplexed ? [true, true] : [false, false], name);
    }
  });

  test("fit the way in which numbers and rows are sorted", () => {
    assert.ok(syscallRows().size <= 1024);
    const numbers = Object.values(SYSCALL_NUMBERS).flatMap((text) => text.split(",").map(Number));
    assert.ok(Math.max(...numbers) < 1 << 20);
  });
});

describe("the system call tables agree with this machine's headers", () => {
  const headers = { x86_64: "unistd_64.h", x86: "unistd_32.h", x32: "unistd_x32.h" } as const;
  for (const [table, file] of Object.entries(headers)) {
    const path = `/usr/include/x86_64-linux-gnu/asm/${file}`;
    test(`for ${table}`, { skip: !existsSync(path) && `${path} does not exist (package linux-libc-dev)` }, () => {
      const lines = readFileSync(path, "utf8").matchAll(/^#define __NR_(\w+) (?:\(__X32_SYSCALL_BIT \+ )?(\d+)\)?$/gm);
      const calls = [...lines].filter(([, name]) => name !== "syscalls");
      assert.ok(calls.length > 300, `${calls.length} calls`);
      for (const [, name = "", number] of calls) assert.equal(numberOf(table as SyscallTable, name), number, name); // a key
    });
  }
});
