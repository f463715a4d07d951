import { arch } from "node:process";
import { archiveError } from "../archive/archive-error.ts";
import { isRecord, type JsonFormat } from "../base/json-store.ts";
import { digits, sha256 } from "../storage/layer-record.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import type { Digest, OciDescriptor, OciImageConfig } from "./image.ts";
import { CONFIG_FORMAT } from "./image-config.ts";
import { INDEX_FORMAT, MANIFEST_TYPE } from "./image-index.ts";
import { type ImageManifest, LAYER_TYPES, MANIFEST_FORMAT } from "./manifest.ts";
import { ociArchitecture, type Platform } from "./platform.ts";

/** An image of an archive. */
export interface ArchiveImage {
  readonly configBytes: Buffer;
  readonly config: OciImageConfig;
  /** As the archive has it, where it has one. */
  readonly manifest: { readonly bytes: Buffer; readonly mediaType: string } | undefined;
  /** Names of the archive's files, the lowest layer first. */
  readonly layers: readonly {
    readonly file: string;
    readonly mediaType: string;
    readonly digest: Digest | undefined;
    readonly size: number | undefined;
  }[];
  /** As the archive writes them. */
  readonly names: readonly string[];
}

/**
 * Finds the images of an archive: an OCI layout, `docker save`'s form, or both in one, as newer dockers write; or what the
 * transport "dir:" of skopeo and podman writes. Throws EngineError ERR_ARCHIVE.
 */
export function archiveImages(files: ArchiveFiles, platform: Platform | undefined): readonly ArchiveImage[] {
  const docker = files.bytes("manifest.json");
  const oci = files.bytes("index.json");
  if (oci !== undefined && files.bytes("oci-layout") !== undefined) {
    const names = docker === undefined ? new Map<string, readonly string[]>() : dockerNames(docker);
    return ociImages(files, oci, names, platform);
  }
  if (docker !== undefined) return isBareManifest(docker) ? [bareImage(files, docker)] : dockerImages(files, docker);
  const fix = "make it with `docker save`, `podman save` or `skopeo copy`; a root filesystem is taken by `import`";
  throw archiveError("Cannot load the archive: it has neither manifest.json nor index.json", fix);
}

/** One manifest, and blobs that are named by their digits alone. Source: containers-transports(5), "dir". */
function isBareManifest(bytes: Buffer): boolean {
  return MANIFEST_FORMAT.check(parsedJson(bytes, "manifest.json")) !== undefined;
}

function bareImage(files: ArchiveFiles, bytes: Buffer): ArchiveImage {
  const { mediaType = MANIFEST_TYPE } = parsedAs<ImageManifest>(bytes, "manifest.json", MANIFEST_FORMAT);
  return { ...imageOf(files, { bytes, mediaType }, digits), names: [] };
}

interface DockerManifest {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/** Source: docker's image spec v1.2, "Combined Image JSON + Filesystem Changeset Format". */
function parseDockerManifest(bytes: Buffer): readonly DockerManifest[] {
  const value = parsedJson(bytes, "manifest.json");
  const isManifest =
    Array.isArray(value) &&
    value.every((item) => isRecord(item) && typeof item.Config === "string" && isTextList(item.Layers));
  if (!isManifest) throw archiveError("Cannot load the archive: its manifest.json is not of the form of one");
  // Config and Layers were checked; RepoTags are by whoever reads them.
  return value as DockerManifest[];
}

function dockerImages(files: ArchiveFiles, bytes: Buffer): readonly ArchiveImage[] {
  return parseDockerManifest(bytes).map(({ Config, RepoTags, Layers }) => {
    const configBytes = required(files.bytes(clean(Config)), Config);
    const layers = Layers.map((file) => ({
      file: clean(file),
      mediaType: LAYER_TYPES.none,
      digest: undefined,
      size: undefined,
    }));
    return { configBytes, config: configOf(configBytes), manifest: undefined, layers, names: namesOf(RepoTags) };
  });
}

/** The names of images by the digest of their configs. */
function dockerNames(bytes: Buffer): ReadonlyMap<string, readonly string[]> {
  const names = parseDockerManifest(bytes).map(({ Config, RepoTags }) => {
    const file = Config.slice(Config.lastIndexOf("/") + 1).replace(/\.json$/, "");
    return [file, namesOf(RepoTags)] as const;
  });
  return new Map(names);
}

function ociImages(
  files: ArchiveFiles,
  bytes: Buffer,
  dockerNames: ReadonlyMap<string, readonly string[]>,
  platform: Platform | undefined,
): readonly ArchiveImage[] {
  const { manifests } = parsedAs(bytes, "index.json", INDEX_FORMAT);
  return mergedByDigest(
    manifests.flatMap((descriptor) => {
      const found = choose(files, descriptor, platform);
      return found === undefined ? [] : [ociImage(files, found, nameIn(descriptor), dockerNames)];
    }),
  );
}

function ociImage(
  files: ArchiveFiles,
  descriptor: OciDescriptor,
  name: string | undefined,
  dockerNames: ReadonlyMap<string, readonly string[]>,
): ArchiveImage {
  const { digest, mediaType } = descriptor;
  const image = imageOf(files, { bytes: blobBytes(files, descriptor, blobName(digest)), mediaType }, blobName);
  const names = dockerNames.get(digits(sha256(image.configBytes))) ?? (name === undefined ? [] : [name]);
  return { ...image, names };
}

/** The image of a manifest, whose blobs have these names in the archive. */
function imageOf(
  files: ArchiveFiles,
  manifest: { readonly bytes: Buffer; readonly mediaType: string },
  nameOf: (digest: Digest) => string,
): Omit<ArchiveImage, "names"> {
  const { config, layers } = parsedAs<ImageManifest>(manifest.bytes, "an image's manifest", MANIFEST_FORMAT);
  const configBytes = blobBytes(files, config, nameOf(config.digest));
  return {
    configBytes,
    config: configOf(configBytes),
    manifest,
    layers: layers.map(({ digest, mediaType, size }) => ({ file: nameOf(digest), mediaType, digest, size })),
  };
}

/** An image under several names is in the index several times. */
function mergedByDigest(images: readonly ArchiveImage[]): readonly ArchiveImage[] {
  const merged = new Map<string, ArchiveImage>();
  for (const image of images) {
    const key = sha256(image.configBytes);
    const known = merged.get(key);
    const names = [...new Set([...(known?.names ?? []), ...image.names])];
    merged.set(key, { ...(known ?? image), names });
  }
  return [...merged.values()];
}

const MAX_INDEX_DEPTH = 4;

/** Of an image for several platforms, the one for the wanted platform; other artifacts are left. */
function choose(
  files: ArchiveFiles,
  descriptor: OciDescriptor,
  platform: Platform | undefined,
  depth = 0,
): OciDescriptor | undefined {
  if (!/index\.v1\+json$|manifest\.list\.v2\+json$/.test(descriptor.mediaType)) {
    return /manifest\.v[12]\+json$/.test(descriptor.mediaType) ? descriptor : undefined;
  }
  if (depth === MAX_INDEX_DEPTH) throw archiveError("Cannot load the archive: its indexes are nested too deep");
  const bytes = files.bytes(blobName(descriptor.digest));
  if (bytes === undefined) return undefined;
  checkDigest(bytes, descriptor);
  const { manifests } = parsedAs(bytes, descriptor.digest, INDEX_FORMAT);
  // What was saved for one platform has the others in its index only.
  const there = manifests.filter(({ digest }) => files.bytes(blobName(digest)) !== undefined);
  const wanted = platform ?? { os: "linux", architecture: ociArchitecture(arch) };
  const found = there.find((manifest) => isFor(manifest, wanted)) ?? (platform === undefined ? there[0] : undefined);
  return found === undefined ? undefined : choose(files, found, platform, depth + 1);
}

function isFor({ platform }: OciDescriptor, { os, architecture, variant }: Platform): boolean {
  if (platform === undefined || platform.os !== os || platform.architecture !== architecture) return false;
  return variant === undefined || platform.variant === variant;
}

function nameIn({ annotations }: OciDescriptor): string | undefined {
  return annotations?.["io.containerd.image.name"] ?? annotations?.["org.opencontainers.image.ref.name"];
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${digits(digest)}`;
}

function blobBytes(files: ArchiveFiles, descriptor: OciDescriptor, name: string): Buffer {
  const bytes = required(files.bytes(name), name);
  checkDigest(bytes, descriptor);
  return bytes;
}

function checkDigest(bytes: Buffer, { digest, size }: OciDescriptor): void {
  const found = sha256(bytes);
  if (found !== digest) throw archiveError(`Cannot load the archive: the blob ${digest} has the digest ${found}`);
  if (size === bytes.length) return;
  throw archiveError(`Cannot load the archive: the blob ${digest} has ${bytes.length} bytes and not ${size}`);
}

function configOf(bytes: Buffer): OciImageConfig {
  return parsedAs(bytes, "an image's config", CONFIG_FORMAT);
}

function parsedAs<T>(bytes: Buffer, name: string, { check }: JsonFormat<T>): T {
  const value = check(parsedJson(bytes, name));
  if (value === undefined) throw archiveError(`Cannot load the archive: ${name} in it is not of the form of one`);
  return value;
}

function parsedJson(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw archiveError(`Cannot load the archive: ${name} in it is no JSON`);
  }
}

function namesOf(tags: unknown): readonly string[] {
  return isTextList(tags) ? tags : [];
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function clean(path: string): string {
  return Buffer.from(path.replace(/^\.\//, ""), "utf8").toString("latin1");
}

function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw archiveError(`Cannot load the archive: "${name}" is missing in it`);
}
