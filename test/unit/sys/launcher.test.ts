import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { installedFile } from "../../../src/sys/installed-file.ts";

const scratch = mkdtempSync(join(tmpdir(), "launcher-test-"));
after(() => rmSync(scratch, { recursive: true }));

/** The launcher under a name of ours, and in the engine's place a script that prints what it got. */
const launcher = join(scratch, "command");
copyFileSync(installedFile("launcher"), launcher);
writeFileSync(`${launcher}-engine`, '#!/bin/sh\nprintf "%s|" "$@"; echo; ulimit -Sn; env; exit 7\n', { mode: 0o755 });

const PATH = "/usr/bin:/bin";

function launch(path: string, args: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
  const script = 'ulimit -Sn 321; exec "$0" "$@"';
  const { stdout, status } = spawnSync("/bin/sh", ["-c", script, path, ...args], {
    encoding: "utf8",
    env: { PATH, ...env },
  });
  assert.equal(status, 7);
  return stdout.split("\n");
}

test("the launcher becomes the engine beside it, with its arguments and exit status", () => {
  assert.equal(launch(launcher, ["a", "", "b c"], {})[0], "a||b c|");
  const link = join(scratch, "elsewhere");
  symlinkSync(launcher, link);
  assert.equal(launch(link, ["x"], {})[0], "x|");
});

test("the launcher tells the engine the caller's limit of open files and does not change it", () => {
  const [, limit, ...env] = launch(launcher, [], { MYDOCKER_NOFILE: "1:1" });
  assert.equal(limit, "321");
  assert.match(env.find((line) => line.startsWith("MYDOCKER_NOFILE=")) ?? "", /^MYDOCKER_NOFILE=321:[0-9]+$/);
  assert.equal(env.filter((line) => line.startsWith("MYDOCKER_NOFILE=")).length, 1);
});

test("the launcher removes the variables that change the engine and keeps all others", () => {
  const kept = { A: "1", NODE_ENV: "production", BUNDLE: "b", NODE_OPTIONS_: "x" };
  const removed = {
    BUN_OPTIONS: "--preload /x",
    BUN_BE_BUN: "1",
    NODE_OPTIONS: "y",
    NODE_PATH: "z",
    NODE_CHANNEL_FD: "3",
  };
  const names = launch(launcher, [], { ...kept, ...removed }).map((line) => line.split("=")[0]);
  for (const name of Object.keys(kept)) assert.ok(names.includes(name), name);
  for (const name of Object.keys(removed)) assert.ok(!names.includes(name), name);
});

test("the launcher tells the engine to do without its compilers, but for one in long work on archives", () => {
  const runtime = join(scratch, "some-runtime");
  copyFileSync(launcher, runtime);
  copyFileSync(`${launcher}-engine`, `${runtime}-engine`);
  const settings = (program: string, words: readonly string[]): readonly string[] =>
    launch(program, words, { BUN_JSC_useJIT: "1" })
      .filter((line) => /^(BUN|MIMALLOC)_/.test(line))
      .sort();
  const noWasm = "BUN_JSC_useWasm=0";
  const hugePages = "MIMALLOC_ALLOW_THP=1";
  assert.deepEqual(settings(launcher, ["--root", "/x", "ps"]), ["BUN_JSC_useJIT=0", noWasm, hugePages]);
  assert.deepEqual(settings(runtime, ["import"]), ["BUN_JSC_useJIT=0", noWasm]);
  for (const word of ["import", "export"]) {
    assert.deepEqual(settings(launcher, ["--root", "/x", word, "-"]), ["BUN_JSC_useDFGJIT=0", noWasm, hugePages]);
  }
});

test("the launcher says what it could not execute when the engine is missing", () => {
  const alone = join(scratch, "alone");
  copyFileSync(launcher, alone);
  const { stderr, status } = spawnSync(alone, { encoding: "utf8" });
  assert.equal(status, 1);
  assert.equal(
    stderr,
    `Cannot execute the engine "${alone}-engine": it does not exist, or /proc is not mounted (errno 2)\n`,
  );
});
