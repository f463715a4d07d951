import { SystemError } from "../base/errors.ts";
import { errnoName } from "../linux/errno.ts";
import { NAMESPACES, type NamespaceType } from "../linux/namespaces.ts";
import { readLink } from "../sys/files.ts";

/** The types of the namespaces in which another process is not with this one. Throws SystemError. Source: namespaces(7). */
export function foreignNamespaces(pid: number): readonly NamespaceType[] {
  const types: NamespaceType[] = [];
  for (const type in NAMESPACES) {
    const name = type as NamespaceType; // a key of the table
    const { procFile } = NAMESPACES[name];
    const theirs = namespaceLink(pid, procFile);
    if (theirs !== undefined && theirs !== namespaceLink("self", procFile)) types.push(name);
  }
  return types;
}

/** The namespace's type and number; undefined where the kernel has no such type. */
function namespaceLink(process: number | "self", file: string): string | undefined {
  try {
    return readLink(`/proc/${process}/ns/${file}`);
  } catch (error) {
    if (error instanceof SystemError && errnoName(error.failure.errno) === "ENOENT") return undefined;
    throw error;
  }
}
