import { closeSync, constants, openSync, writeSync } from "node:fs";
import { pathType } from "../../../sys/files.ts";
import type { EnginePaths } from "../../base/paths.ts";
import type { SandboxResult } from "../types.ts";

/**
 * Writes the changed contents into the files that are mounted in a running container. In place: a mount is of the file
 * itself, and a new one under the name would not be seen.
 */
export function rewriteFiles(paths: EnginePaths, containerId: string, { files }: SandboxResult): void {
  if (files === undefined) return;
  const directory = `${paths.runContainers}/${containerId}`;
  for (const [name, text] of [["hosts", files.hosts] as const, ["resolv.conf", files.resolvConf] as const]) {
    if (pathType(`${directory}/${name}`) === "file") replaceContents(`${directory}/${name}`, text);
  }
}

function replaceContents(path: string, text: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
