import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram, SEARCH_PATH } from "../base/find-program.ts";

const DIRECTORIES = ["bin", "dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "usr", "var"] as const;

const FILES: Readonly<Record<string, string>> = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  "etc/group": "root:x:0:\nnogroup:x:65534:\n",
};

/** What a root without busybox gets: enough to look around. */
const TOOLS = [
  "sh",
  "cat",
  "df",
  "echo",
  "env",
  "false",
  "grep",
  "head",
  "hostname",
  "id",
  "kill",
  "ls",
  "mkdir",
].concat([
  "mount",
  "ps",
  "pwd",
  "readlink",
  "rm",
  "sleep",
  "sort",
  "stat",
  "stty",
  "tail",
  "true",
  "tty",
  "uname",
  "wc",
]);

/**
 * Makes a small root file system from the programs of this machine, without a download: busybox with a link for each
 * of its commands or, where there is none, the shell and common tools with the libraries that they load. Returns in
 * words what it was made from.
 */
export function makeRootfs(directory: string, searchPath: string = SEARCH_PATH): string {
  for (const name of DIRECTORIES) mkdirSync(join(directory, name), { recursive: true });
  chmodSync(join(directory, "tmp"), 0o1777);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text);
  const busybox = findProgram("busybox", searchPath);
  return busybox === undefined ? installTools(directory, searchPath) : installBusybox(directory, busybox);
}

function installBusybox(directory: string, busybox: string): string {
  const libraries = install(directory, busybox, "busybox");
  const commands = output(busybox, ["--list"]).filter((name) => name !== "busybox" && !name.includes("/"));
  for (const command of commands) linkCommand(directory, command);
  return `${busybox} (${libraries === 0 ? "static" : `${libraries} libraries`}), ${commands.length} commands`;
}

function linkCommand(directory: string, command: string): void {
  const link = join(directory, "bin", command);
  if (!existsSync(link)) symlinkSync("busybox", link);
}

function installTools(directory: string, searchPath: string): string {
  const found = TOOLS.filter((name) => {
    const program = findProgram(name, searchPath);
    if (program !== undefined) install(directory, program, name);
    return program !== undefined;
  });
  if (!found.includes("sh")) throw new Error("Cannot make a root file system: this machine has neither busybox nor sh");
  return `this machine's ${found.join(", ")}`;
}

/** Copies a program to /bin and the libraries that it loads to their own places. Returns how many those are. */
function install(directory: string, program: string, name: string): number {
  copyInto(directory, program, `/bin/${name}`);
  const libraries = librariesOf(program);
  for (const library of libraries) copyInto(directory, library, library);
  return libraries.length;
}

function copyInto(directory: string, from: string, to: string): void {
  const target = join(directory, to);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(from), target);
  chmodSync(target, 0o755);
}

/** The absolute paths that ldd(1) prints, the loader's among them; none for a static program. */
function librariesOf(program: string): readonly string[] {
  return output("ldd", [realpathSync(program)]).flatMap((line) => /(?:^|\s)(\/\S+)\s+\(0x/.exec(line)?.[1] ?? []);
}

function output(file: string, args: readonly string[]): readonly string[] {
  const { stdout } = spawnSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return (stdout ?? "").split("\n").filter((line) => line !== "");
}
