import { createFile, makeDirs, pathType } from "../../sys/files.ts";
import { isRecord, type JsonFormat, readJson, writeJson } from "../base/json-store.ts";
import { withObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ImageId, OciDescriptor } from "./image.ts";
import { isDigest } from "./image-config.ts";

/** An image of the store under one of its names, or under none. */
export interface IndexEntry {
  readonly manifest: OciDescriptor;
  /** The whole form; undefined for an image without a name. */
  readonly reference: string | undefined;
  /** The digest of the config, where this program wrote the entry. */
  readonly imageId: ImageId | undefined;
}

/** Source: image-spec annotations.md; skopeo and umoci find images by it. */
const REFERENCE_ANNOTATION = "org.opencontainers.image.ref.name";
/** Saves reading the manifest to know the id. */
const ID_ANNOTATION = "io.mydocker.image.id";

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

interface OciIndex {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly OciDescriptor[];
}

/** Source: image-spec image-index.md. */
export const INDEX_FORMAT: JsonFormat<OciIndex> = {
  name: "image index",
  check: (value) => {
    if (!isRecord(value) || !Array.isArray(value.manifests) || !value.manifests.every(isDescriptor)) return undefined;
    // Each member was checked; members that are not known stay.
    return value as unknown as OciIndex;
  },
};

/** What the store has. Reading needs no lock: the index is replaced as a whole. Throws EngineError. */
export function readIndex(paths: EnginePaths): readonly IndexEntry[] {
  const index = readJson(indexPath(paths), INDEX_FORMAT);
  return (index?.manifests ?? []).map((manifest) => {
    const id = manifest.annotations?.[ID_ANNOTATION];
    return {
      manifest,
      reference: manifest.annotations?.[REFERENCE_ANNOTATION],
      imageId: isDigest(id) ? id : undefined,
    };
  });
}

/**
 * Changes the store's index, and whatever belongs to that, while nobody else does and no container is being made. The
 * index survives a power cut. What the new one does not need any more is removed `afterwards`: a crash between the two leaves
 * garbage, where the other order would leave entries without their blobs.
 */
export async function changeIndex(
  paths: EnginePaths,
  change: (entries: readonly IndexEntry[]) => readonly IndexEntry[] | Promise<readonly IndexEntry[]>,
  afterwards: (entries: readonly IndexEntry[]) => void = () => {},
): Promise<void> {
  await withObjectLock(paths, "image-store", "all", async () => {
    makeLayout(paths);
    const entries = await change(readIndex(paths));
    writeIndex(paths, entries);
    afterwards(entries);
  });
}

function writeIndex(paths: EnginePaths, entries: readonly IndexEntry[]): void {
  const index: OciIndex = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: entries.map(descriptorOf) };
  writeJson(indexPath(paths), index, INDEX_FORMAT, true);
}

function descriptorOf({ manifest, reference, imageId }: IndexEntry): OciDescriptor {
  const { [REFERENCE_ANNOTATION]: _reference, [ID_ANNOTATION]: _id, ...others } = manifest.annotations ?? {};
  const annotations = {
    ...others,
    ...(reference === undefined ? {} : { [REFERENCE_ANNOTATION]: reference }),
    ...(imageId === undefined ? {} : { [ID_ANNOTATION]: imageId }),
  };
  return { ...manifest, annotations };
}

/** Source: image-spec image-layout.md. */
function makeLayout({ image }: EnginePaths): void {
  makeDirs(`${image}/blobs/sha256`, 0o755);
  if (pathType(`${image}/oci-layout`) === undefined) {
    createFile(`${image}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}\n', 0o644);
  }
}

function indexPath({ image }: EnginePaths): string {
  return `${image}/index.json`;
}

/** Whether a value of JSON is a descriptor of a blob with a SHA-256 digest. Source: image-spec descriptor.md. */
export function isDescriptor(value: unknown): value is OciDescriptor {
  if (!isRecord(value) || typeof value.mediaType !== "string" || !isDigest(value.digest)) return false;
  const { size, annotations } = value;
  const isSize = typeof size === "number" && Number.isSafeInteger(size) && size >= 0;
  return isSize && (annotations === undefined || isRecord(annotations));
}
