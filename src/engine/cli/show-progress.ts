import { statSync } from "node:fs";
import { type Progress, showProgress } from "../base/progress.ts";
import type { ArchiveSource } from "../image/archive-source.ts";
import type { EngineSurroundings } from "./act.ts";

const STDERR = 2;

/** A bar on stderr, where that is a terminal; none without a source. */
export function progressOf({ host }: EngineSurroundings, label: string, source: ArchiveSource | undefined): Progress {
  const isShown = source !== undefined && host.isTerminal(STDERR);
  const totalBytes = source?.kind === "file" ? statSync(source.path).size : undefined;
  return showProgress({ label, totalBytes, write: isShown ? (text) => host.write(STDERR, text) : undefined });
}
