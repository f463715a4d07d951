import type { EnginePaths } from "../base/paths.ts";
import { familiarName, parseReference } from "../base/reference.ts";
import { chainIds, readLayerRecord } from "../storage/layer-record.ts";
import { overlayDirectory } from "../storage/overlay-layout.ts";
import type { Image } from "./image.ts";
import { imageSize } from "./list-images.ts";

/** What `image inspect` shows, with docker's keys. */
export function inspectImage(paths: EnginePaths, image: Image): Readonly<Record<string, unknown>> {
  const { id, digest, config, layers, repoTags } = image;
  const { Volumes, Entrypoint, Labels, ...run } = config.config ?? {};
  return {
    Id: id,
    RepoTags: repoTags,
    RepoDigests: [...new Set(repoTags.flatMap((tag) => repositoryOf(tag)))].map((name) => `${name}@${digest}`),
    Parent: "",
    Comment: config.history?.at(-1)?.comment ?? "",
    Created: config.created ?? "",
    DockerVersion: "",
    Author: config.author ?? "",
    Config: {
      Hostname: "",
      User: "",
      Env: [],
      Cmd: null,
      WorkingDir: "",
      ...run,
      Volumes: Volumes ?? null,
      Entrypoint: Entrypoint ?? null,
      Labels: Labels ?? null,
    },
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: imageSize(paths, config, layers),
    GraphDriver: { Name: "overlay2", Data: graphData(paths, image) },
    RootFS: { Type: "layers", Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: "0001-01-01T00:00:00Z" },
    Descriptor: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest },
  };
}

function repositoryOf(tag: string): readonly string[] {
  try {
    return [familiarName(parseReference(tag))];
  } catch {
    return [];
  }
}

/** The directories of the layers, as docker shows them; nothing where the uppermost one is not extracted yet. */
function graphData(paths: EnginePaths, { config }: Image): Readonly<Record<string, string>> {
  const records = chainIds(config.rootfs.diff_ids).map((chainId) => readLayerRecord(paths, chainId));
  const [top, ...below] = records
    .reverse()
    .map((record) => (record === undefined ? undefined : overlayDirectory(paths, record.cacheId)));
  if (top === undefined) return {};
  const { diff: UpperDir, merged: MergedDir, work: WorkDir } = top;
  const lower = below.flatMap((directory) => directory?.diff ?? []).join(":");
  return { ...(lower === "" ? {} : { LowerDir: lower }), MergedDir, UpperDir, WorkDir };
}
