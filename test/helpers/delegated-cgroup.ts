import { chownSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { cgroupV1Directory } from "./needs.ts";
import { USER_ID } from "./ordinary-user.ts";

/** Makes a v1 cgroup and gives it to the user of a test. */
export function delegateCgroup(name: string, controller: string): string {
  const directory = join(cgroupV1Directory(controller) ?? "", name);
  mkdirSync(directory);
  for (const path of [directory, ...readdirSync(directory).map((file) => join(directory, file))]) {
    chownSync(path, USER_ID, 0);
  }
  return directory;
}

/** What moves a program into cgroups, as root. */
export function inCgroups(...directories: readonly string[]): readonly string[] {
  const moves = directories.map((directory) => `echo 0 > ${directory}/cgroup.procs && `);
  return ["sh", "-c", `${moves.join("")}exec "$@"`, "sh"];
}

export function removeCgroups(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroups(join(directory, entry.name));
  }
  rmdirSync(directory);
}
