import { close, pipe, readFdText } from "./descriptors.ts";
import { openFile } from "./files.ts";
import { spawnFd, waitPid } from "./processes.ts";

export interface ProgramOutcome {
  /** The exit status; 128+n for a signal. */
  readonly status: number;
  /** Both streams, without the newline at the end. */
  readonly output: string;
}

const MAX_OUTPUT_BYTES = 1 << 20;
const STANDARD_STREAMS = [1, 2] as const;

/** Runs a program, by its absolute path, to its end, with this process's environment. Throws SystemError. */
export function runProgram(path: string, args: readonly string[]): ProgramOutcome {
  const [readEnd, writeEnd] = pipe();
  try {
    const fds = STANDARD_STREAMS.map((stream) => [stream, writeEnd] as const);
    const pid = start(path, args, fds, writeEnd);
    const output = readFdText(readEnd, MAX_OUTPUT_BYTES).trimEnd();
    const ended = waitPid(pid, true);
    return { status: ended?.exited === false ? 128 + ended.signal : (ended?.status ?? 0), output };
  } finally {
    close(readEnd);
  }
}

function start(
  path: string,
  args: readonly string[],
  fds: readonly (readonly [number, number])[],
  writeEnd: number,
): number {
  const fd = openFile(path, 0);
  try {
    return spawnFd({ fd, argv: [path, ...args], keepFds: [], fds });
  } finally {
    close(fd);
    close(writeEnd);
  }
}
