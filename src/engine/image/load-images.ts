import { archiveError } from "../archive/archive-error.ts";
import { detectCompression, MAGIC_BYTES } from "../archive/compression.ts";
import type { ExtractLimits } from "../archive/extract-limits.ts";
import { readChunks } from "../archive/read-chunks.ts";
import type { EnginePaths } from "../base/paths.ts";
import { familiarReference, fullReference, parseTagged } from "../base/reference.ts";
import { ArchiveFiles } from "./archive-files.ts";
import { type ArchiveImage, archiveImages } from "./archive-images.ts";
import { type ArchiveSource, sourceChunks } from "./archive-source.ts";
import type { ImageId } from "./image.ts";
import { ImageDraft } from "./image-draft.ts";
import { LAYER_TYPES } from "./manifest.ts";
import type { Platform } from "./platform.ts";

export interface LoadRequest {
  readonly source: ArchiveSource;
  readonly platform?: Platform;
  readonly limits?: ExtractLimits;
  readonly onBytes?: (bytes: number) => void;
}

export interface LoadedImage {
  readonly id: ImageId;
  /** In the short form. */
  readonly names: readonly string[];
}

/**
 * Takes images over from an archive of `docker save`, podman, skopeo or this program, or a directory with the same
 * files. Configs and OCI manifests stay byte for byte, so ids and digests do. Each image appears at once, when all of it was checked. Throws EngineError, SystemError.
 */
export async function loadImages(paths: EnginePaths, request: LoadRequest): Promise<readonly LoadedImage[]> {
  const { source, platform, limits, onBytes = () => {} } = request;
  const files = new ArchiveFiles(paths, limits);
  try {
    if (source.kind === "directory") await files.readDirectory(source.path, onBytes);
    else await files.read(sourceChunks(source), onBytes);
    const images = archiveImages(files, platform);
    if (images.length === 0) throw archiveError("Cannot load the archive: it has no image for this platform");
    const loaded: LoadedImage[] = [];
    for (const image of images) loaded.push(await loadImage(paths, files, image, limits));
    return loaded;
  } finally {
    files.close();
  }
}

async function loadImage(
  paths: EnginePaths,
  files: ArchiveFiles,
  image: ArchiveImage,
  limits: ExtractLimits | undefined,
): Promise<LoadedImage> {
  const { config, configBytes, manifest, layers } = image;
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== layers.length) {
    throw archiveError(`Cannot load the archive: an image has ${layers.length} layers and ${diffIds.length} diff ids`);
  }
  if (layers.length > MAX_LAYERS) {
    throw archiveError(
      `Cannot load the archive: an image has ${layers.length} layers, and no more than ${MAX_LAYERS} can be stacked`,
    );
  }
  const references = image.names.flatMap(wholeName);
  const draft = new ImageDraft(paths, limits === undefined ? {} : { limits });
  try {
    for (const [index, { file, mediaType, digest, size }] of layers.entries()) {
      const blob = await files.blob(file);
      const diffId = diffIds[index];
      if (diffId === undefined) continue;
      if (digest !== undefined && digest !== blob.digest) {
        throw archiveError(`Cannot load the archive: the layer ${digest} has the digest ${blob.digest}`);
      }
      if (size !== undefined && size !== blob.size) {
        throw archiveError(`Cannot load the archive: the layer ${digest} has ${blob.size} bytes and not ${size}`);
      }
      await draft.addBlob(blob, diffId, manifest === undefined ? typeOf(blob.file) : mediaType);
    }
    const id = await draft.publishAs(configBytes, config, references, manifest);
    return { id, names: references.map(familiarReference) };
  } finally {
    draft.close();
  }
}

/** What the kernel's overlay takes. Source: OVL_MAX_STACK in fs/overlayfs/params.h. */
const MAX_LAYERS = 500;

/** What was named by other rules stays without a name. */
function wholeName(name: string): readonly string[] {
  try {
    return [fullReference(parseTagged(name))];
  } catch {
    return [];
  }
}

function typeOf(file: string): string {
  for (const chunk of readChunks(file)) {
    const compression = detectCompression(chunk.subarray(0, MAGIC_BYTES));
    return compression === "gzip" || compression === "zstd" ? LAYER_TYPES[compression] : LAYER_TYPES.none;
  }
  return LAYER_TYPES.none;
}
