import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { absolutePath } from "../../cli/absolute-path.ts";
import { pathType } from "../../sys/files.ts";
import type { ArchiveSink } from "../archive/tree-packer.ts";
import { EngineError } from "../base/errors.ts";
import type { EngineSurroundings } from "./act.ts";

const STDOUT = 1;

/**
 * Writes an archive or a drawing to a file, which appears when it is whole, or to the standard output, unless that is a terminal. A pipe or
 * a device is written to as it is.
 */
export async function withFileOutput(
  { host }: Pick<EngineSurroundings, "host">,
  output: string | undefined,
  write: (sink: ArchiveSink) => Promise<void>,
): Promise<void> {
  if (!output) {
    if (host.isTerminal(STDOUT)) {
      const fix = "use -o FILE, or redirect the output";
      throw new EngineError("cowardly refusing to save to a terminal", { code: "ERR_USAGE", flag: "--output", fix });
    }
    return await write((chunk) => writeWhole(STDOUT, "the standard output", chunk));
  }
  const path = absolutePath(host.cwd(), output);
  const type = pathType(path);
  const directory = path.slice(0, path.lastIndexOf("/")) || "/";
  if (pathType(directory) === undefined) {
    const message = `invalid output path: directory "${directory}" does not exist`;
    throw new EngineError(message, { code: "ERR_USAGE", flag: "--output" });
  }
  if (type !== undefined && type !== "file") return await writeInto(path, path, write);
  const temporary = `${path}.${process.pid}.partial`;
  try {
    await writeInto(temporary, path, write);
    renameSync(temporary, path);
  } catch (error) {
    if (pathType(temporary) !== undefined) unlinkSync(temporary);
    throw error;
  }
}

/** `named` is what it will be called. */
async function writeInto(path: string, named: string, write: (sink: ArchiveSink) => Promise<void>): Promise<void> {
  const shown = `"${named}"`;
  const fd = explained(shown, () => openSync(path, "w", 0o600));
  try {
    await write((chunk) => writeWhole(fd, shown, chunk));
    if (pathType(path) === "file") explained(shown, () => fsyncSync(fd));
  } finally {
    closeSync(fd);
  }
}

function writeWhole(fd: number, shown: string, chunk: Uint8Array): void {
  explained(shown, () => {
    for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
  });
}

/** What is not this program's fault. Source: write(2). */
const WRITE_FAILURES = {
  EPIPE: "its reader has gone",
  ENOSPC: "no space left on device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "it is larger than a file may be",
} as const;

function explained<T>(shown: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const why = Object.entries(WRITE_FAILURES).find(([code]) => isErrno(error, code))?.[1];
    if (why === undefined) throw error;
    throw new EngineError(`Cannot write to ${shown}: ${why}`, { code: "ERR_USAGE", cause: error });
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
