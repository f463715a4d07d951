import { type ByteString, shownBytes } from "../../sys/tree.ts";
import { archiveError } from "./archive-error.ts";

/**
 * A name of an archive as a path below the root: without "./", double and final slashes; "." for the root itself. Throws
 * EngineError ERR_ARCHIVE for an absolute name or one with "..", which no archive of an image needs.
 */
export function entryPath(name: ByteString): ByteString {
  if (name.startsWith("/")) throw refused(name, "its name is absolute");
  if (!NEEDS_CLEANING.test(name)) return name;
  if (name.includes("\0")) throw refused(name, "its name has a NUL byte");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refused(name, 'its name has ".."');
  return parts.length === 0 ? "." : parts.join("/");
}

/** Most names need nothing. */
const NEEDS_CLEANING = /^$|^\.|\/\.|\/\/|\/$|\0/;

function refused(name: ByteString, why: string): Error {
  return archiveError(
    `Cannot extract "${shownBytes(name)}": ${why}`,
    "make the archive with names relative to its root",
  );
}
