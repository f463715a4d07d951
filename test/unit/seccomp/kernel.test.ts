import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Seccomp } from "../../../src/config/types.gen.ts";
import { compileSeccomp } from "../../../src/seccomp/compile-seccomp.ts";
import { defaultSeccompProfile } from "../../../src/seccomp/default-profile.ts";
import { syscallNumber } from "./probe-calls.ts";
import { on, rule } from "./simulated-filter.ts";

/** Reads flags, a filter and calls; loads the filter; makes the calls; prints what they return, errors as -errno. */
const LOADER = `
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	static struct sock_filter code[4096];
	static unsigned long calls[4096][4];
	static long results[4096];
	unsigned char *bytes = (unsigned char *)code;
	unsigned int flags, byte, length = 0, count = 0;

	if (scanf("%u ", &flags) != 1)
		return 2;
	while (length < sizeof(code) && scanf("%2x", &byte) == 1)
		bytes[length++] = (unsigned char)byte;
	scanf(" ;");
	while (count < 4096 && scanf("%lx,%lx,%lx,%lx", calls[count], calls[count] + 1, calls[count] + 2, calls[count] + 3) == 4)
		count++;
	struct sock_fprog program = { (unsigned short)(length / 8), code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) < 0) {
		perror("seccomp");
		return 3;
	}
	for (unsigned int i = 0; i < count; i++) {
		results[i] = syscall((long)calls[i][0], calls[i][1], calls[i][2], calls[i][3]);
		if (results[i] == -1)
			results[i] = -errno;
	}
	for (unsigned int i = 0; i < count; i++)
		printf("%ld\\n", results[i]);
	return 0;
}
`;

const NATIVE = process.arch === "arm64" ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
const directory = mkdtempSync(join(tmpdir(), "seccomp-loader-"));
after(() => rmSync(directory, { recursive: true }));

function whyNot(): string | false {
  if (process.arch !== "x64" && process.arch !== "arm64") return `no loader for ${process.arch}`;
  const source = join(directory, "loader.c");
  writeFileSync(source, LOADER);
  const { status, error, stderr } = spawnSync("cc", ["-o", join(directory, "loader"), source], { encoding: "utf8" });
  return status === 0 ? false : `cc cannot build the loader: ${error ?? stderr}`;
}

type Call = readonly [name: string, ...args: readonly (number | bigint)[]];

/** Lets the kernel decide about calls under a filter. */
function underFilter(seccomp: Seccomp, calls: readonly Call[]) {
  const { instructions, flags } = compileSeccomp(seccomp, { native: NATIVE });
  const lines = calls.map(([name, ...args]) => {
    const number = name === "unknown" ? 2000 : (syscallNumber(NATIVE, name) ?? assert.fail(name));
    return [number, ...args, 0, 0, 0].slice(0, 4).map((word) => word.toString(16));
  });
  const input = `${flags} ${instructions};${lines.map((line) => line.join()).join("\n")}\n`;
  return spawnSync(join(directory, "loader"), { input, encoding: "utf8" });
}

function results(seccomp: Seccomp, calls: readonly Call[]): readonly number[] {
  const { stdout, stderr, status, signal } = underFilter(seccomp, calls);
  assert.deepEqual({ stderr, status, signal }, { stderr: "", status: 0, signal: null });
  return stdout.trim().split("\n").map(Number);
}

const EBADF = 9;

describe("the kernel takes what compileSeccomp makes", { skip: whyNot() }, () => {
  test("and returns the errno of a rule", () => {
    const seccomp: Seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      flags: ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"],
      syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 77 }],
    };
    const [parent, self] = results(seccomp, [["getppid"], ["getpid"]]);
    assert.equal(parent, -77);
    assert.ok(self !== undefined && self > 0);
  });

  test("and compares arguments of 64 bits", () => {
    const fds = [-1n, 1n << 32n, (1n << 40n) | 7n].map((fd) => BigInt.asUintN(64, fd));
    const rules = fds.map((fd, index) => ({
      ...rule("fchdir", "SCMP_ACT_ERRNO", on(0, "SCMP_CMP_EQ", fd)),
      errnoRet: 100 + index,
    }));
    const limit = { ...rule("fchdir", "SCMP_ACT_ERRNO", on(0, "SCMP_CMP_GT", 1n << 63n)), errnoRet: 99 };
    const seccomp: Seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [...rules, limit] };
    const calls = [...fds, 0xffff_ffffn, (1n << 63n) + 0xffff_ffffn, (1n << 62n) + 0xffff_ffffn];
    assert.deepEqual(
      results(
        seccomp,
        calls.map((fd) => ["fchdir", fd] as const),
      ),
      [-100, -101, -102, -EBADF, -99, -EBADF],
    );
  });

  test("and follows jumps through a filter of nearly 4,096 instructions", () => {
    const values = Array.from({ length: 2000 }, (_, index) => 1000 + 3 * index);
    const rules = values.map((value, index) => ({
      ...rule("fchdir", "SCMP_ACT_ERRNO", on(0, "SCMP_CMP_EQ", value)),
      errnoRet: 1000 + index,
    }));
    const seccomp: Seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: rules };
    const { count } = compileSeccomp(seccomp, { native: NATIVE });
    assert.ok(count > 3900, `${count} instructions`);
    const expected = values.map((_, index) => -1000 - index);
    assert.deepEqual(
      results(
        seccomp,
        values.map((value) => ["fchdir", value] as const),
      ),
      expected,
    );
    assert.deepEqual(
      results(seccomp, [
        ["fchdir", 1001],
        ["fchdir", 999],
        ["fchdir", 7000],
      ]),
      [-EBADF, -EBADF, -EBADF],
    );
  });

  test("for the default profile", () => {
    const [EPERM, ENOSYS] = [1, 38];
    const calls: readonly Call[] = [
      ["getpid"],
      ["fchdir", 0xffff_ffff],
      ["mount"],
      ["socket", 38],
      ["personality", 0x40000],
      ["clone3"],
      ["unknown"],
    ];
    const [self, ...others] = results(defaultSeccompProfile(NATIVE), calls);
    assert.ok(self !== undefined && self > 0);
    assert.deepEqual(others, [-EBADF, -EPERM, -EPERM, -EPERM, -ENOSYS, -ENOSYS]);
  });

  test("and kills with SIGSYS", () => {
    const syscalls = [rule("getppid", "SCMP_ACT_KILL_PROCESS")];
    assert.equal(underFilter({ defaultAction: "SCMP_ACT_ALLOW", syscalls }, [["getppid"]]).signal, "SIGSYS");
  });
});
