import type { Mount } from "../../config/types.gen.ts";
import { makeDirs, pathType } from "../../sys/files.ts";
import { EngineError } from "../base/errors.ts";
import { newObjectId } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ContainerConfig, HostConfig, MountRequest } from "./container-config.ts";
import type { ContainerRecord, MountPoint } from "./record.ts";
import { PROPAGATIONS } from "./request/mounts.ts";
import { ensureVolume, volumeData } from "./volumes.ts";

export interface MountPointsInput {
  readonly paths: EnginePaths;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** The containers of --volumes-from, with how their volumes are mounted. */
  readonly others: readonly { readonly record: ContainerRecord; readonly mode: string }[];
  readonly cwd: string;
}

/**
 * What is mounted in a container, sorted so that a directory comes before what is inside it: first the volumes of others,
 * over them what was asked for, and the image's volumes where nothing else is mounted. Makes the volumes.
 */
export async function mountPoints({
  paths,
  config,
  hostConfig,
  others,
  cwd,
}: MountPointsInput): Promise<readonly MountPoint[]> {
  const points = new Map<string, MountPoint>();
  for (const { record, mode } of others) {
    for (const point of record.mounts)
      points.set(point.Destination, mode === "ro" ? { ...point, RW: false, Mode: "ro" } : point);
  }
  for (const [target, options] of Object.entries(hostConfig.Tmpfs))
    points.set(target, tmpfsPoint(target, options === "" ? [] : options.split(",")));
  for (const request of hostConfig.Mounts) points.set(request.Target, await pointOf(paths, request, cwd));
  for (const target of Object.keys(config.Volumes ?? {})) {
    if (!points.has(target)) points.set(target, await volumePoint(paths, anonymous(target)));
  }
  return [...points.values()].sort((a, b) => depth(a) - depth(b) || (a.Destination < b.Destination ? -1 : 1));
}

function depth({ Destination }: MountPoint): number {
  return Destination.split("/").length;
}

function anonymous(Target: string): MountRequest {
  return { Type: "volume", Source: "", Target, ReadOnly: false, CreateMountpoint: true, Options: [], Mode: "" };
}

async function pointOf(paths: EnginePaths, request: MountRequest, cwd: string): Promise<MountPoint> {
  if (request.Type === "volume") return await volumePoint(paths, request);
  if (request.Type === "tmpfs")
    return tmpfsPoint(request.Target, [...request.Options, ...(request.ReadOnly ? ["ro"] : [])]);
  return bindPoint(request, cwd);
}

async function volumePoint(
  paths: EnginePaths,
  { Source, Target, ReadOnly, Options, Mode, Volume }: MountRequest,
): Promise<MountPoint> {
  const isAnonymous = Source === "";
  const { Name } = await ensureVolume(paths, {
    name: isAnonymous ? newObjectId() : Source,
    isAnonymous,
    ...(Volume !== undefined && { labels: Volume.Labels, options: Volume.Options }),
  });
  return {
    Type: "volume",
    Name,
    Source: volumeData(paths, Name),
    Destination: Target,
    Driver: "local",
    Mode,
    RW: !ReadOnly,
    Propagation: "",
    Options,
    ...(isAnonymous && { IsAnonymous: true }),
  };
}

function bindPoint(
  { Source, Target, ReadOnly, CreateMountpoint, Options, Mode }: MountRequest,
  cwd: string,
): MountPoint {
  const source = hostPath(Source, cwd);
  if (pathType(source) === undefined) {
    if (!CreateMountpoint) {
      throw new EngineError(`invalid mount config for type "bind": bind source path does not exist: ${source}`, {
        code: "ERR_USAGE",
        exitStatus: 125,
      });
    }
    makeDirs(source, 0o755);
  }
  const propagation = Options.find((option) => PROPAGATIONS.includes(option)) ?? "rprivate";
  return {
    Type: "bind",
    Source: source,
    Destination: Target,
    Mode,
    RW: !ReadOnly,
    Propagation: propagation,
    Options,
  };
}

function hostPath(path: string, cwd: string): string {
  if (path.startsWith("/")) return path;
  return path.startsWith("~/") ? `${process.env.HOME ?? ""}${path.slice(1)}` : `${cwd}/${path}`;
}

function tmpfsPoint(target: string, options: readonly string[]): MountPoint {
  return {
    Type: "tmpfs",
    Source: "",
    Destination: target,
    Mode: "",
    RW: !options.includes("ro"),
    Propagation: "",
    Options: options,
  };
}

/** The mounts of config.json for these. */
export function mountsOf(points: readonly MountPoint[]): readonly Mount[] {
  return points.map(({ Type, Source, Destination, RW, Propagation, Options = [] }) => {
    if (Type === "tmpfs") {
      const options = Options.some((one) => one.startsWith("mode=")) ? Options : [...Options, "mode=1777"];
      return {
        destination: Destination,
        type: "tmpfs",
        source: "tmpfs",
        options: [...TMPFS_OPTIONS.filter((one) => !Options.includes(one.replace("no", ""))), ...options],
      };
    }
    const readOnly = Options.includes("rro") ? "rro" : "ro";
    const bind = Options.includes("bind") ? "bind" : "rbind";
    return {
      destination: Destination,
      type: "bind",
      source: Source,
      // "rw" would take away what the source's own mount forbids, such as noexec.
      options: [bind, Propagation === "" ? "rprivate" : Propagation, ...(RW ? [] : [readOnly])],
    };
  });
}

const TMPFS_OPTIONS = ["noexec", "nosuid", "nodev"];
