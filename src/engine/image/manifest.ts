import { EngineError } from "../base/errors.ts";
import { isRecord, type JsonFormat, readJson } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { Digest, OciDescriptor } from "./image.ts";
import { blobPath } from "./image-config.ts";
import { isDescriptor } from "./image-index.ts";

/** Which blobs an image is made of. Source: image-spec manifest.md; docker's schema 2 has the same members. */
export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: OciDescriptor;
  readonly layers: readonly OciDescriptor[];
}

export const MANIFEST_FORMAT: JsonFormat<ImageManifest> = {
  name: "image manifest",
  check: (value) => {
    if (!isRecord(value) || value.schemaVersion !== 2 || !isDescriptor(value.config)) return undefined;
    if (!Array.isArray(value.layers) || !value.layers.every(isDescriptor)) return undefined;
    // Each member was checked; members that are not known stay in the blob.
    return value as unknown as ImageManifest;
  },
};

/** Throws EngineError where the blob is missing or no manifest. */
export function readManifest(paths: EnginePaths, digest: Digest): ImageManifest {
  const manifest = readJson(blobPath(paths, digest), MANIFEST_FORMAT);
  if (manifest !== undefined) return manifest;
  throw new EngineError(`Cannot read the image store: the manifest ${digest} is missing`, {
    code: "ERR_STATE_CORRUPT",
  });
}

/** The media types of layers. Source: image-spec layer.md. */
export const LAYER_TYPES = {
  none: "application/vnd.oci.image.layer.v1.tar",
  gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

export const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
