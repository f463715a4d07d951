import { arch } from "node:process";
import type { ExtractLimits } from "../archive/extract-limits.ts";
import { packTree } from "../archive/tree-packer.ts";
import type { EnginePaths } from "../base/paths.ts";
import { applyChanges } from "./apply-changes.ts";
import { type ArchiveSource, sourceChunks } from "./archive-source.ts";
import type { ImageId } from "./image.ts";
import { ImageDraft } from "./image-draft.ts";
import { ociArchitecture, type Platform } from "./platform.ts";

export interface ImportRequest {
  readonly source: ArchiveSource;
  /** Whole names. */
  readonly references: readonly string[];
  readonly changes: readonly string[];
  readonly message: string;
  readonly platform?: Platform;
  readonly limits?: ExtractLimits;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Makes an image of one layer from an archive of a root filesystem, kept as it comes, or from a directory, packed and
 * compressed. On failure nothing is left. Throws EngineError, SystemError.
 */
export async function importImage(paths: EnginePaths, request: ImportRequest): Promise<ImageId> {
  const { source, references, changes, message, platform, limits, onBytes } = request;
  const config = applyChanges({}, changes);
  const draft = new ImageDraft(paths, {
    ...(limits === undefined ? {} : { limits }),
    ...(onBytes === undefined ? {} : { onBytes }),
  });
  try {
    if (source.kind === "directory") {
      await draft.addPacked((sink) => packTree(source.path, sink, { isLayer: false }), "gzip");
    } else {
      await draft.addArchive(sourceChunks(source));
    }
    const created = new Date().toISOString();
    const origin = source.kind === "stdin" ? "-" : source.path;
    const history = [{ created, comment: message || `Imported from ${origin}` }];
    const where = platform ?? { os: "linux", architecture: ociArchitecture(arch) };
    return await draft.publish({ created, ...where, config, history }, references);
  } finally {
    draft.close();
  }
}
