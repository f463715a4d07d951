import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findProgram } from "../../../../src/tools/make-rootfs.ts";
import { copyrightText } from "../../../../src/tools/package/copyright-text.ts";
import { debianVersion, makeDebianPackage } from "../../../../src/tools/package/debian-package.ts";
import { dependenciesOf } from "../../../../src/tools/package/library-dependencies.ts";
import type { PackageFile } from "../../../../src/tools/package/package-file.ts";
import { packageFiles } from "../../../../src/tools/package/package-files.ts";
import { sourceDate } from "../../../../src/tools/package/source-date.ts";
import { makeTarball, type PackageContents } from "../../../../src/tools/package/tarball.ts";
import { PROJECT_ROOT } from "../../../../src/tools/project-root.ts";

const EPOCH = 1_700_000_000;
const scratch = mkdtempSync(join(tmpdir(), "mydocker-packages-"));
after(() => rmSync(scratch, { recursive: true }));
writeFileSync(join(scratch, "program"), "#!/bin/sh\necho it runs\n");

const FILES: readonly PackageFile[] = [
  { path: "bin/tool", mode: 0o777, content: { linkTo: "../lib/tool/program" } },
  { path: "lib/tool/program", mode: 0o755, content: { copyOf: join(scratch, "program") } },
  { path: "share/doc/tool/copyright", mode: 0o644, content: { bytes: "free\n" } },
];
const CONTENTS: PackageContents = { files: FILES, version: "1.0.0-rc.1", architecture: "amd64", epoch: EPOCH };
const CONTROL = {
  depends: ["libc6 (>= 2.33)"],
  recommends: ["uidmap"],
  suggests: ["criu"],
  maintainer: "Somebody <somebody@example.org>",
  summary: "tool",
  description: ["It is a tool.", "", "It is."],
};

/** Makes a package of the files, in this order and under this umask, in directories of its own. */
async function make(kind: "deb" | "tar", name: string, files = FILES, umask = 0o022): Promise<string> {
  const [input, output] = ["in", "out"].map((part) => join(scratch, `${kind}-${name}-${part}`)) as [string, string];
  const before = process.umask(umask);
  try {
    mkdirSync(input, { mode: 0o755 });
    mkdirSync(output);
    const contents = { ...CONTENTS, files };
    if (kind === "tar") return await makeTarball("tool", contents, output, input);
    return makeDebianPackage("tool", { ...contents, ...CONTROL }, output, input);
  } finally {
    process.umask(before);
  }
}

const NO_DPKG = findProgram("dpkg-deb") === undefined ? "needs dpkg-deb" : false;

test("makeTarball makes the same bytes whatever the order and the umask", async () => {
  const [one, other] = [await make("tar", "one"), await make("tar", "other", FILES.toReversed(), 0o077)];
  assert.match(one, /\/tool-1\.0\.0-rc\.1-linux-amd64\.tar\.gz$/);
  assert.equal(digest(one), digest(other));
  const listing = output("tar", ["--utc", "-tvf", one]);
  assert.match(listing, /^drwxr-xr-x 0\/0 .* 2023-11-14 22:13 tool-1\.0\.0-rc\.1-linux-amd64$/m);
  assert.match(listing, /^lrwxrwxrwx 0\/0 .*\/bin\/tool -> \.\.\/lib\/tool\/program$/m);
});

test("makeDebianPackage makes the same bytes whatever the order and the umask", { skip: NO_DPKG }, async () => {
  const [one, other] = [await make("deb", "one"), await make("deb", "other", FILES.toReversed(), 0o077)];
  assert.match(one, /\/tool_1\.0\.0~rc\.1_amd64\.deb$/);
  assert.equal(digest(one), digest(other));
});

test("makeDebianPackage describes the package and gives everything to root", { skip: NO_DPKG }, async () => {
  const file = await make("deb", "fields", FILES, 0o077);
  assert.equal(
    output("dpkg-deb", ["--field", file]),
    [
      "Package: tool",
      "Version: 1.0.0~rc.1",
      "Architecture: amd64",
      "Maintainer: Somebody <somebody@example.org>",
      "Installed-Size: 3",
      "Depends: libc6 (>= 2.33)",
      "Recommends: uidmap",
      "Suggests: criu",
      "Section: admin",
      "Priority: optional",
      "Description: tool",
      " It is a tool.",
      " .",
      " It is.",
      "",
    ].join("\n"),
  );
  for (const line of output("dpkg-deb", ["--contents", file]).trim().split("\n")) {
    assert.match(line, /^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx) root\/root .* 2023-11-14 /);
  }
});

test("makeDebianPackage's sums are those of the files, which run", { skip: NO_DPKG }, async () => {
  const file = await make("deb", "sums");
  const root = join(scratch, "root");
  output("dpkg-deb", ["--raw-extract", file, root]);
  const checked = spawnSync("md5sum", ["--check", "--strict", "DEBIAN/md5sums"], { cwd: root, encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stderr);
  assert.equal(output(join(root, "usr/bin/tool"), []), "it runs\n");
});

test("debianVersion puts a version before the one that it is a candidate of", () => {
  assert.equal(debianVersion("1.2.3"), "1.2.3");
  assert.equal(debianVersion("1.2.3-rc.1"), "1.2.3~rc.1");
});

test("dependenciesOf names packages once, with the newest symbols of the C library", () => {
  const objdump = [
    "  NEEDED               libc.so.6",
    "  NEEDED               libstdc++.so.6",
    "  NEEDED               libm.so.6",
    "    0x09691a75 0x00 03 GLIBC_2.9",
    "    0x069691b3 0x00 05 GLIBC_2.33",
    "    0x09691a75 0x00 03 GLIBC_2.2.5",
    "",
  ].join("\n");
  assert.deepEqual(dependenciesOf(objdump), ["libc6 (>= 2.33)", "libstdc++6 (>= 7)"]);
  assert.throws(() => dependenciesOf("  NEEDED               libnew.so.1\n"), /no package is known for libnew\.so\.1/);
});

test("packageFiles puts what belongs together beside each other, and pages and completions where they are looked for", () => {
  const files = packageFiles("/dist", { zshDirectory: "share/zsh/vendor-completions" });
  const paths = files.map(({ path }) => path);
  for (const path of [
    "bin/mydocker-runtime",
    "lib/mydocker-runtime/mydocker-runtime-engine",
    "lib/mydocker-runtime/mydocker-init",
    "lib/mydocker-runtime/mydocker-netd",
    "lib/mydocker-runtime/mydocker-monitor",
    "share/man/man8/mydocker-runtime-create.8.gz",
    "share/bash-completion/completions/mydocker-runtime",
    "share/zsh/vendor-completions/_mydocker-runtime",
    "share/fish/vendor_completions.d/mydocker-runtime.fish",
    "share/doc/mydocker-runtime/copyright",
  ]) {
    assert.ok(paths.includes(path), path);
  }
  assert.equal(new Set(paths).size, paths.length);
  assert.deepEqual(paths, paths.toSorted());
});

test("packageFiles has every file of dist/ that a program opens", () => {
  const paths = packageFiles("/dist", { zshDirectory: "zsh" }).map(({ path }) => path);
  const sources = ["src/sys/native.ts", "src/sys/ffi.ts", "src/apply/static-program.ts"].map((path) =>
    readFileSync(join(PROJECT_ROOT, path), "utf8"),
  );
  const opened = sources.join().match(/"(?:mydocker-[a-z]+|[a-z-]+\.node)"/g) ?? [];
  assert.equal(opened.length, 3);
  for (const name of opened) assert.ok(paths.includes(`lib/mydocker-runtime/${name.slice(1, -1)}`), name);
});

test("copyrightText has the notices of all that the executables contain", () => {
  const text = copyrightText();
  for (const words of [
    "Apache License",
    "Bun is licensed under the MIT",
    "JavaScriptCore",
    "koffi ",
    "Niels Martign",
    "commander ",
  ]) {
    assert.ok(text.includes(words), words);
  }
});

test("sourceDate is the environment's, or a time in the past", () => {
  process.env.SOURCE_DATE_EPOCH = "17";
  assert.equal(sourceDate(), 17);
  delete process.env.SOURCE_DATE_EPOCH;
  assert.ok(sourceDate() > 1_700_000_000 && sourceDate() <= Date.now() / 1000);
});

function digest(file: string): string {
  assert.ok(existsSync(file));
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function output(file: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: "utf8" });
  assert.equal(status, 0, `${file}: ${stderr ?? error?.message}`);
  return stdout;
}
