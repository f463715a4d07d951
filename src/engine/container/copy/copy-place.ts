import { EngineError } from "../../base/errors.ts";

/** One end of a copy. */
export type CopyPlace =
  | { readonly kind: "container"; readonly container: string; readonly path: string }
  | { readonly kind: "host"; readonly path: string }
  /** An archive on the standard input or output. */
  | { readonly kind: "stream" };

/** "CONTAINER:PATH", "-", or a path of the host: one with a colon begins with "/" or ".". Pure. */
export function parseCopyPlace(text: string): CopyPlace {
  if (text === "-") return { kind: "stream" };
  const colon = text.indexOf(":");
  if (colon <= 0 || text.startsWith("/") || text.startsWith(".")) return { kind: "host", path: text };
  return { kind: "container", container: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** Where something is copied to. */
export interface CopyTarget {
  /** What is there, after symbolic links. */
  readonly there: "directory" | "other" | "nothing";
  /** Written with a slash at its end: it must be a directory. */
  readonly mustBeDirectory: boolean;
  /** The last part of its path. */
  readonly base: string;
}

export interface CopySource {
  readonly isDirectory: boolean;
  /** Written with "/." at its end: what is in the directory, without itself. */
  readonly isContent: boolean;
  readonly base: string;
}

/**
 * docker's rules: in which directory it arrives, the target itself or the one above, and under which name; "" for the content
 * of a directory alone. Pure. Throws EngineError in docker's words. Source: docker-cp(1).
 */
export function copiedTo(
  source: CopySource,
  target: CopyTarget,
): { readonly into: "target" | "parent"; readonly name: string } {
  if (target.there === "directory") return { into: "target", name: source.isContent ? "" : source.base };
  if (target.there === "other") {
    if (target.mustBeDirectory) throw refused("not a directory");
    if (source.isDirectory) throw refused("cannot copy directory");
  } else if (target.mustBeDirectory && !source.isDirectory) {
    throw refused("no such directory");
  }
  return { into: "parent", name: target.base };
}

function refused(message: string): EngineError {
  return new EngineError(message, { code: "ERR_USAGE" });
}

/** A path without ".", ".." and double slashes, which are taken away as text; absolute, "/" for the root. Pure. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** "/a/b" → ["/a", "b"]. */
export function splitPath(path: string): readonly [directory: string, base: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, slash) || "/", path.slice(slash + 1)];
}
