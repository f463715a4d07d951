import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-fs";
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
 * empty directory. The same contents give the same bytes. Rejects with what the file system says.
 */
export async function makeTarball(
  name: string,
  contents: PackageContents,
  output: string,
  scratch: string,
): Promise<string> {
  const { files, version, architecture, epoch } = contents;
  const top = `${name}-${version}-linux-${architecture}`;
  const file = join(output, `${top}.tar.gz`);
  mkdirSync(join(scratch, top));
  stage(join(scratch, top), files, epoch);
  const mtime = new Date(epoch * 1000);
  const tar = pack(scratch, {
    entries: [top],
    sort: true,
    umask: 0,
    map: (header) => ({ ...header, mtime, uid: 0, gid: 0 }),
  });
  await pipeline(tar, createGzip({ level: 9 }), createWriteStream(file));
  return file;
}
