import { statSync } from "node:fs";
import { pathType } from "../../sys/files.ts";
import { readChunks } from "../archive/read-chunks.ts";
import type { TarEntry } from "../archive/tar-entry.ts";
import { END_OF_ARCHIVE, padding, tarHeader } from "../archive/tar-writer.ts";
import type { ArchiveSink } from "../archive/tree-packer.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { familiarReference } from "../base/reference.ts";
import { digits } from "../storage/layer-record.ts";
import type { Digest, ImageId } from "./image.ts";
import { blobPath } from "./image-config.ts";
import { type IndexEntry, readIndex } from "./image-index.ts";
import { readManifest } from "./manifest.ts";
import { entryByName, idOf, resolveImageId } from "./resolve-image.ts";

/** "docker-archive" is an OCI layout as well, as newer dockers write it: every program reads one of the two. */
export const SAVE_FORMATS = ["docker-archive", "oci-archive"] as const;
export type SaveFormat = (typeof SAVE_FORMATS)[number];

interface SavedImage {
  readonly id: ImageId;
  readonly entry: IndexEntry;
  /** Whole names. */
  readonly references: readonly string[];
}

/** Writes images as one archive; blobs that they share are in it once. Throws EngineError, SystemError. */
export async function saveImages(
  paths: EnginePaths,
  words: readonly string[],
  format: SaveFormat,
  sink: ArchiveSink,
): Promise<void> {
  const images = savedImages(paths, words);
  const writer = new ArchiveWriter(sink);
  await writer.directory("blobs");
  await writer.directory("blobs/sha256");
  for (const digest of blobsOf(paths, images)) await writer.blob(paths, digest);
  await writer.text("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  await writer.text("index.json", JSON.stringify(ociIndex(images)));
  if (format === "docker-archive") {
    await writer.text("manifest.json", JSON.stringify(images.map((image) => dockerManifest(paths, image))));
  }
  await sink(END_OF_ARCHIVE);
}

/** An image that is named by id has no name in the archive, and one under several names has them all. */
function savedImages(paths: EnginePaths, words: readonly string[]): readonly SavedImage[] {
  const entries = readIndex(paths);
  const images = new Map<ImageId, SavedImage>();
  for (const word of words) {
    const id = resolveImageId(paths, entries, word);
    const named = entryByName(entries, word);
    const entry = named ?? entries.find((candidate) => idOf(paths, candidate) === id);
    if (entry === undefined) continue;
    const known = images.get(id)?.references ?? [];
    const own = named?.reference === undefined ? [] : [named.reference];
    images.set(id, { id, entry, references: [...new Set([...known, ...own])] });
  }
  return [...images.values()];
}

function blobsOf(paths: EnginePaths, images: readonly SavedImage[]): ReadonlySet<Digest> {
  const digests = images.flatMap(({ entry: { manifest } }) => {
    const { config, layers } = readManifest(paths, manifest.digest);
    return [manifest.digest, config.digest, ...layers.map(({ digest }) => digest)];
  });
  for (const digest of digests) {
    if (pathType(blobPath(paths, digest)) !== undefined) continue;
    throw new EngineError(`Cannot save the image: its blob ${digest} is missing`, { code: "ERR_STATE_CORRUPT" });
  }
  return new Set(digests);
}

function ociIndex(images: readonly SavedImage[]): unknown {
  const manifests = images.flatMap(({ entry: { manifest }, references }) => {
    const { annotations: _own, ...descriptor } = manifest;
    const named = references.map((reference) => ({
      ...descriptor,
      annotations: {
        "io.containerd.image.name": reference,
        "org.opencontainers.image.ref.name": reference,
      },
    }));
    return named.length === 0 ? [descriptor] : named;
  });
  return { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
}

function dockerManifest(paths: EnginePaths, { id, entry, references }: SavedImage): unknown {
  const { layers } = readManifest(paths, entry.manifest.digest);
  return {
    Config: `blobs/sha256/${digits(id)}`,
    RepoTags: references.map(familiarReference),
    Layers: layers.map(({ digest }) => `blobs/sha256/${digits(digest)}`),
  };
}

const FILE: Omit<TarEntry, "name" | "size"> = {
  kind: "file",
  target: "",
  mode: 0o644,
  uid: 0,
  gid: 0,
  seconds: 0,
  nanoseconds: 0,
  major: 0,
  minor: 0,
  xattrs: [],
};

class ArchiveWriter {
  readonly #sink: ArchiveSink;

  constructor(sink: ArchiveSink) {
    this.#sink = sink;
  }

  async directory(name: string): Promise<void> {
    await this.#sink(tarHeader({ ...FILE, kind: "directory", mode: 0o755, name, size: 0 }));
  }

  async text(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#sink(Buffer.concat([tarHeader({ ...FILE, name, size: bytes.length }), bytes, padding(bytes.length)]));
  }

  async blob(paths: EnginePaths, digest: Digest): Promise<void> {
    const path = blobPath(paths, digest);
    const size = statSync(path).size;
    await this.#sink(tarHeader({ ...FILE, name: `blobs/sha256/${digits(digest)}`, size }));
    for (const chunk of readChunks(path)) await this.#sink(chunk);
    await this.#sink(padding(size));
  }
}
