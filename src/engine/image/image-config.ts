import { NoSuchObjectError } from "../base/errors.ts";
import { isRecord, type JsonFormat, readJson } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import { digits } from "../storage/layer-record.ts";
import { hasConfigShape } from "./config-shape.ts";
import type { Digest, ImageId, OciImageConfig } from "./image.ts";

/** Reads an image's config by its id, which is its digest. Throws EngineError. */
export function readImageConfig(paths: EnginePaths, id: ImageId): OciImageConfig {
  const config = readJson(blobPath(paths, id), CONFIG_FORMAT);
  if (config === undefined) throw new NoSuchObjectError("image", id);
  return config;
}

/** Where a blob is. */
export function blobPath({ image }: EnginePaths, digest: Digest): string {
  return `${image}/blobs/sha256/${digits(digest)}`;
}

/** Members with a wrong type make the config unreadable, unknown ones are kept. Source: image-spec config.md. */
export const CONFIG_FORMAT: JsonFormat<OciImageConfig> = {
  name: "image config",
  check: (value) => {
    if (!hasConfigShape(value) || !isRecord(value.rootfs) || !Array.isArray(value.rootfs.diff_ids)) return undefined;
    if (!value.rootfs.diff_ids.every(isDigest)) return undefined;
    // The members that this program reads were checked; null, as Go writes it, is one that is missing.
    const there = Object.entries(value).filter(([, member]) => member !== null);
    return { architecture: "", os: "", ...Object.fromEntries(there) } as unknown as OciImageConfig;
  },
};

export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}
