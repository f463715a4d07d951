import { spawnSync } from "node:child_process";
import { EngineError } from "../base/errors.ts";
import { findProgram } from "../base/find-program.ts";
import type { ContainerDirectories } from "./container-directories.ts";

/** Mounts layers by the program fuse-overlayfs, which serves them until they are unmounted. Throws EngineError. */
export function mountFuseOverlay({ lowers, upper, work, merged }: ContainerDirectories): void {
  const program = findProgram("fuse-overlayfs");
  if (program === undefined) {
    throw new EngineError("Cannot mount the layers: fuse-overlayfs is not installed", { code: "ERR_STORAGE" });
  }
  const options = `lowerdir=${lowers.map(escaped).join(":")},upperdir=${escaped(upper)},workdir=${escaped(work)}`;
  const { status, stderr } = spawnSync(program, ["-o", options, merged], { encoding: "utf8" });
  if (status === 0) return;
  const said = (stderr ?? "").trim() || `status ${status}`;
  throw new EngineError(`Cannot mount the layers: fuse-overlayfs: ${said}`, { code: "ERR_STORAGE" });
}

function escaped(path: string): string {
  return path.replace(/[\\:,]/g, "\\$&");
}
