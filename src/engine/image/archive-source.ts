import { pathType, realPath } from "../../sys/files.ts";
import { readChunks } from "../archive/read-chunks.ts";
import { EngineError } from "../base/errors.ts";

/** Where an archive comes from. */
export type ArchiveSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "stdin" };

/** What a path of the command line is: "-" is the standard input. Throws EngineError where it is neither file nor directory. */
export function archiveSource(path: string): ArchiveSource {
  if (path === "-") return { kind: "stdin" };
  const type = pathType(path) === undefined ? undefined : pathType(realPath(path));
  if (type === "directory") return { kind: "directory", path };
  if (type === "file") return { kind: "file", path };
  const why = type === undefined ? "no such file or directory" : `it is a ${type}`;
  throw new EngineError(`open ${path}: ${why}`, { code: "ERR_USAGE" });
}

/** The archive's bytes, in parts. */
export function sourceChunks(source: ArchiveSource): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (source.kind === "stdin") return process.stdin;
  return readChunks(source.path);
}
