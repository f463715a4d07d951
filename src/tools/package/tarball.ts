import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./must-run.ts";
import type { PackageFile } from "./package-file.ts";
import { stage } from "./stage.ts";

/** What a package is made of and called. */
export interface PackageContents {
  /** Below a prefix such as /usr or /usr/local. */
  readonly files: readonly PackageFile[];
  readonly version: string;
  /** As dpkg calls it: "amd64". */
  readonly architecture: string;
  /** Of everything in it: seconds since 1970. */
  readonly epoch: number;
}

/**
 * Makes NAME-VERSION-linux-ARCHITECTURE.tar.gz, for `tar -xzf FILE --strip-components=1 -C /usr/local`. `scratch` is an
 * empty directory. The same contents give the same bytes. Throws Error with what tar says.
 */
export function makeTarball(name: string, contents: PackageContents, output: string, scratch: string): string {
  const { files, version, architecture, epoch } = contents;
  const top = `${name}-${version}-linux-${architecture}`;
  const file = join(output, `${top}.tar.gz`);
  mkdirSync(join(scratch, top));
  stage(join(scratch, top), files, epoch);
  const same = ["--sort=name", "--owner=root:0", "--group=root:0", "--numeric-owner", "--format=gnu"];
  // Without the name and the time that gzip would add.
  mustRun(["tar", ...same, `--mtime=@${epoch}`, "--use-compress-program=gzip -n", "-cf", file, "-C", scratch, top]);
  return file;
}
