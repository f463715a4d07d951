import { RuntimeError } from "../base/errors.ts";
import { isUnifiedHost } from "../cgroup/facts.ts";
import { defaultConfig, formatConfig } from "../config/default-config.ts";
import { createFile, pathType } from "../sys/files.ts";
import { probeHost } from "../sys/probe-host.ts";
import type { RuntimeContext, SpecOptions } from "./options.ts";

/** Writes a default config.json into the bundle. Throws RuntimeError ERR_FILE_EXISTS where there is one. */
export function writeSpec(_context: RuntimeContext, { bundle, rootless = false }: SpecOptions): void {
  const path = `${bundle}/config.json`;
  if (pathType(path) !== undefined) {
    throw new RuntimeError("ERR_FILE_EXISTS", `File ${path} exists. Remove it first`);
  }
  const { cgroup, uid, gid } = probeHost();
  createFile(path, formatConfig(defaultConfig({ rootless, uid, gid, cgroupNamespace: isUnifiedHost(cgroup) })), 0o666);
}
