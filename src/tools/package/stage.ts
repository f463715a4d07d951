import { chmodSync, copyFileSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PackageFile } from "./package-file.ts";

/**
 * Writes a package's files below a directory that is empty, with the modes that they are to have whatever the umask is,
 * and all with the same time: seconds since 1970.
 */
export function stage(directory: string, files: readonly PackageFile[], epoch: number): void {
  for (const { path, mode, content } of files) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    if ("linkTo" in content) {
      symlinkSync(content.linkTo, target);
      continue;
    }
    if ("copyOf" in content) copyFileSync(content.copyOf, target);
    else writeFileSync(target, content.bytes);
    chmodSync(target, mode);
  }
  settle(directory, epoch);
}

/** Directories last, because what is made in them changes their times. */
function settle(directory: string, epoch: number): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) settle(path, epoch);
    else lutimesSync(path, epoch, epoch);
  }
  chmodSync(directory, 0o755);
  lutimesSync(directory, epoch, epoch);
}
