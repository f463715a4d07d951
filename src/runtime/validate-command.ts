import { fstatSync } from "node:fs";
import { posix } from "node:path";
import { SystemError } from "../base/errors.ts";
import { type Problem, shownValue } from "../base/problem.ts";
import type { Config, Process } from "../config/types.gen.ts";
import { errnoName } from "../linux/errno.ts";
import { O_PATH } from "../linux/open-flags.ts";
import { rootfsPath } from "../plan/parts/rootfs.ts";
import { close } from "../sys/descriptors.ts";
import { openInRoot } from "../sys/files.ts";

/** Where the command is not in the root filesystem, and neither a mount nor a hook can bring it there. */
export function commandProblem(
  { process, root, mounts = [], hooks = {} }: Config,
  bundle: string,
): Problem | undefined {
  const command = process?.args?.[0];
  if (process === undefined || command === undefined || command === "") return undefined;
  const isPreparedByHook = [hooks.prestart, hooks.createRuntime, hooks.createContainer].some((list) => list?.length);
  if (isPreparedByHook) return undefined;
  const rootfs = rootfsPath(root?.path ?? "", bundle);
  const places = candidates(command, process);
  const isPossible = places.some(
    (path) => mounts.some(({ destination }) => isBelow(path, destination)) || canBeProgram(rootfs, path),
  );
  return isPossible ? undefined : problemOf(command, places);
}

function problemOf(command: string, places: readonly string[]): Problem {
  const inPath = command.includes("/") ? "" : ` in any directory of $PATH (${places.map(posix.dirname).join(", ")})`;
  return {
    code: "COMMAND_MISSING",
    severity: "error",
    pointer: "/process/args/0",
    value: shownValue(command),
    message: `is no program of the root filesystem${inPath}, and no mount brings it`,
    spec: "config.md#process",
    fix: "put the program there, or correct the name or PATH",
  };
}

/** Where the kernel, or the search through $PATH, looks for it. Source: config.md#posix-process, execvp(3). */
function candidates(command: string, { cwd = "/", env = [] }: Process): readonly string[] {
  if (command.includes("/")) return [posix.resolve(cwd, command)];
  const path = env.findLast((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? "";
  return path.split(":").map((directory) => posix.resolve(cwd, directory, command));
}

function isBelow(path: string, destination: string): boolean {
  const directory = posix.resolve("/", destination);
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** True too where it cannot be known: what the caller may not look at may be there. */
function canBeProgram(rootfs: string, path: string): boolean {
  try {
    const fd = openInRoot(rootfs, path, O_PATH);
    try {
      const info = fstatSync(fd);
      return info.isFile() && (info.mode & EXECUTABLE) !== 0;
    } finally {
      close(fd);
    }
  } catch (error) {
    if (error instanceof SystemError) return !ABSENT.has(errnoName(error.failure.errno));
    throw error;
  }
}

const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

const EXECUTABLE = 0o111;
