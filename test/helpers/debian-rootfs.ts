import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import type { Need } from "./needs.ts";

/** Packages come from Debian's archive: on a machine for tests only. */
export const needsDebianArchive: Need = () => {
  if (process.env["CI"] !== "true") return "needs CI=true, with which Debian packages are downloaded";
  if (findProgram("apt-get") === undefined || findProgram("busybox") === undefined) return "needs apt-get and busybox";
  return undefined;
};

/** What apt-cache is asked for: what a package cannot do without. */
const ONLY_DEPENDS = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map(
  (kind) => `--no-${kind}`,
);

/** No package of these is needed to run a program, only to install it. */
const LEFT_OUT = /^(perl-modules|libperl|cdebconf|adduser$|dpkg$|tar$|iproute2$)/;

/**
 * Unpacks packages and what they depend on into a directory, with a shell and the accounts that programs look up. False
 * where the archive cannot be reached.
 */
export function debianRootfs(directory: string, packages: readonly string[]): boolean {
  const downloads = mkdtempSync(join(tmpdir(), "mydocker-debs-"));
  try {
    const all = dependencies(packages).filter((name) => !LEFT_OUT.test(name));
    if (spawnSync("apt-get", ["download", ...all], { cwd: downloads }).status !== 0) return false;
    for (const file of readdirSync(downloads)) execFileSync("dpkg", ["-x", join(downloads, file), directory]);
  } finally {
    rmSync(downloads, { recursive: true });
  }
  copyFileSync(findProgram("busybox") ?? "", join(directory, "bin/busybox"));
  symlinkSync("busybox", join(directory, "bin/sh"));
  for (const name of ["tmp", "run", "root", "proc", "sys", "dev"])
    mkdirSync(join(directory, name), { recursive: true });
  const accounts = [
    "root:x:0:0::/root:/bin/sh",
    "www-data:x:33:33::/var/www:/bin/sh",
    "nobody:x:65534:65534::/:/bin/sh",
  ];
  writeFileSync(join(directory, "etc/passwd"), accounts.map((line) => `${line}\n`).join(""));
  writeFileSync(join(directory, "etc/group"), "root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n");
  return true;
}

function dependencies(packages: readonly string[]): readonly string[] {
  const output = execFileSync("apt-cache", ["depends", "--recurse", ...ONLY_DEPENDS, ...packages], {
    encoding: "utf8",
  });
  return [...new Set(output.match(/^[a-z0-9][a-z0-9+.-]*$/gm) ?? [])];
}
