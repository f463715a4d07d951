import { arch } from "node:process";
import { pathType } from "../../sys/files.ts";
import type { WrittenCompression } from "../archive/compression.ts";
import { type ArchiveSink, packTree } from "../archive/tree-packer.ts";
import type { EnginePaths } from "../base/paths.ts";
import { describeRootfs, mountRootfs } from "../storage/rootfs-store.ts";
import { applyChanges } from "./apply-changes.ts";
import type { Image, ImageId, ImageRunConfig, OciImageConfig } from "./image.ts";
import { ImageDraft } from "./image-draft.ts";
import { readIndex } from "./image-index.ts";
import { ociArchitecture } from "./platform.ts";
import { readImage } from "./resolve-image.ts";

export interface CommitRequest {
  readonly containerId: string;
  /** How the container runs, which the image's containers will by default. */
  readonly config: ImageRunConfig;
  /** What it ran, in words, for the history. */
  readonly command: string;
  /** Whole names. */
  readonly references: readonly string[];
  readonly author: string;
  readonly message: string;
  readonly changes: readonly string[];
  readonly compression?: WrittenCompression;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Makes an image of a container: what it has changed becomes one more layer on those of its image, deletions as whiteouts.
 * Of a container on a directory, all that it sees is one layer. On failure nothing is left. Throws EngineError,
 * SystemError.
 */
export async function commitContainer(paths: EnginePaths, request: CommitRequest): Promise<ImageId> {
  const { containerId, references, author, message, changes, compression = "gzip", onBytes } = request;
  const { imageId } = await describeRootfs(paths, containerId);
  const image = imageId === undefined ? undefined : readImage(paths, readIndex(paths), imageId);
  const config = applyChanges(request.config, changes);
  const draft = new ImageDraft(paths, onBytes === undefined ? {} : { onBytes });
  try {
    addLayersOf(draft, image);
    await draft.addPacked((sink) => packChanges(paths, containerId, sink), compression);
    const created = new Date().toISOString();
    const step = {
      created,
      created_by: request.command,
      ...(author === "" ? {} : { author }),
      ...(message === "" ? {} : { comment: message }),
    };
    const history = [...(image?.config.history ?? []), step];
    return await draft.publish(
      { ...platformOf(image), created, ...(author === "" ? {} : { author }), config, history },
      references,
    );
  } finally {
    draft.close();
  }
}

/** The upper layer where there is one; else everything, hiding what the image has. */
async function packChanges(paths: EnginePaths, containerId: string, sink: ArchiveSink): Promise<void> {
  const { imageId, upper, driver } = await describeRootfs(paths, containerId);
  const isLayer = imageId !== undefined && driver !== "vfs";
  // A layer that is limited in size is there only while it is mounted.
  const isThere = isLayer && pathType(upper) !== undefined;
  const merged = isThere ? upper : await mountRootfs(paths, containerId);
  await packTree(isLayer ? upper : merged, sink, { isLayer, hidesBelow: !isLayer && imageId !== undefined });
}

function addLayersOf(draft: ImageDraft, image: Image | undefined): void {
  image?.layers.forEach((descriptor, index) => {
    const diffId = image.config.rootfs.diff_ids[index];
    if (diffId !== undefined) draft.addKnownLayer(descriptor, diffId);
  });
}

function platformOf(image: Image | undefined): Pick<OciImageConfig, "architecture" | "os" | "variant"> {
  if (image === undefined) return { architecture: ociArchitecture(arch), os: "linux" };
  const { architecture, os, variant } = image.config;
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}
