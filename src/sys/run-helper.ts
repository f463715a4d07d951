import { O_PATH } from "../linux/open-flags.ts";
import { close, memfdFromText, pipe, readFdText } from "./descriptors.ts";
import { openFile, pathType, realPath } from "./files.ts";
import { spawnFd, type WaitStatus, waitPid } from "./processes.ts";

/** What a program of the host is run with. */
export interface HelperOptions {
  /** What it reads from its standard input; /dev/null without. */
  readonly input?: string;
  /** Further descriptors that it inherits: [the number there, the descriptor here]. */
  readonly fds?: readonly (readonly [childFd: number, ownFd: number])[];
}

export interface HelperResult {
  readonly status: WaitStatus | undefined;
  /** What it wrote to its standard output and to its standard error, in the order of writing. */
  readonly output: string;
}

/** Where programs of system administration are, which an ordinary PATH lacks. */
const PROGRAM_DIRECTORIES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"] as const;

const MAX_OUTPUT_BYTES = 64 << 20;
const O_RDONLY = 0;

/** The path of a program of the host; undefined where it is not installed. */
export function findHelper(name: string): string | undefined {
  return PROGRAM_DIRECTORIES.map((directory) => `${directory}/${name}`).find(isFile);
}

/** A symlink may lead nowhere, and a device may be mounted over a program to hide it. */
function isFile(path: string): boolean {
  const type = pathType(path);
  if (type !== "symlink") return type === "file";
  try {
    return pathType(realPath(path)) === "file";
  } catch {
    return false;
  }
}

/**
 * Runs a program to the end of its output, and waits for it; what it leaves running must not keep its standard output
 * open. Its descriptors are those named here. Throws SystemError where it cannot be started.
 */
export function runHelper(path: string, args: readonly string[], options: HelperOptions = {}): HelperResult {
  const [readEnd, writeEnd] = pipe();
  try {
    const pid = startHelper(path, args, options, writeEnd);
    const output = readFdText(readEnd, MAX_OUTPUT_BYTES);
    return { output, status: waitPid(pid, true) };
  } finally {
    close(readEnd);
  }
}

/** Closes the output's descriptor here, so that the end of the output is seen. */
function startHelper(
  path: string,
  args: readonly string[],
  { input, fds = [] }: HelperOptions,
  output: number,
): number {
  const opened = [output];
  try {
    const fd = openFile(path, O_PATH);
    opened.push(fd);
    const stdin = input === undefined ? openFile("/dev/null", O_RDONLY) : memfdFromText("input", input, false);
    opened.push(stdin);
    const streams = [0, 1, 2].map((stream) => [stream, stream === 0 ? stdin : output] as const);
    return spawnFd({ fd, argv: [path, ...args], keepFds: [], fds: [...streams, ...fds] });
  } finally {
    for (const fd of opened) close(fd);
  }
}

/** Whether it ended by itself, with status 0. */
export function helperSucceeded({ status }: HelperResult): boolean {
  return status?.exited === true && status.status === 0;
}
