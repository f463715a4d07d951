import type { Host } from "../cli/host.ts";
import { writeFd } from "../sys/descriptors.ts";
import { appendText } from "../sys/files.ts";
import { isInUserNamespace } from "../sys/user-namespace.ts";

/** The mode of a log that this program creates, as runc's. */
const LOG_MODE = 0o644;

/** The host that the command line runs on: this process. The engine's own streams and files take 1 to 3 ms to load. */
export function processHost(): Host {
  return {
    selfArgv: selfArgv(),
    engine: process.versions.bun === undefined ? `node ${process.versions.node}` : `bun ${process.versions.bun}`,
    cwd: currentDirectory,
    env: (name) => process.env[name],
    effectiveUid: () => process.geteuid?.() ?? 0,
    isInUserNamespace,
    isTerminal: (fd) => process.getBuiltinModule("node:tty").isatty(fd),
    now: () => new Date().toISOString(),
    write: writeFd,
    append: (path, text) => appendText(path, text, LOG_MODE),
    loadRuntime: () => import("../runtime/index.ts"),
  };
}

/** Of a directory that has been removed one in which relative paths lead nowhere, as they did: the launcher does the same. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/proc";
  }
}

/** An executable compiled by Bun starts with its own script inside; elsewhere the engine needs the script's path. */
function selfArgv(): readonly string[] {
  const script = process.argv[1];
  return script === undefined || script.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, script];
}
