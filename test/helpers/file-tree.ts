import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Everything below a directory, sorted: "rootfs/etc/ 755", "config.json 644 1203", "rootfs/sh -> busybox". */
export function listTree(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => `${name}${describe(join(directory, name))}`)
    .sort();
}

function describe(path: string): string {
  const stats = lstatSync(path);
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) return `/ ${mode}`;
  if (stats.isSymbolicLink()) return ` -> ${readlinkSync(path)}`;
  return ` ${mode} ${stats.size}`;
}
