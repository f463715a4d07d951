import { NAMESPACES, type NamespaceType } from "../linux/namespaces.ts";
import { readLink } from "../sys/files.ts";
import { unlessMissing } from "../sys/unless-missing.ts";

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
  return unlessMissing(() => readLink(`/proc/${process}/ns/${file}`));
}
