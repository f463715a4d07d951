import type { EnginePaths } from "../base/paths.ts";
import { describeRootfs } from "../storage/rootfs-store.ts";
import { commandOf } from "./command-of.ts";
import { treeBytes, writtenBytes } from "./container-size.ts";
import type { EngineContext } from "./engine-context.ts";
import { healthState } from "./health/health-state.ts";
import { logFiles } from "./log-files.ts";
import { networkSettings } from "./network-settings.ts";
import type { ContainerRecord } from "./record.ts";
import { currentStatus } from "./recover.ts";
import type { LiveStatus } from "./status.ts";
import { runDirectory } from "./store.ts";

/** All that is known of a container, with docker's members. */
export async function inspectContainer(
  context: EngineContext,
  known: ContainerRecord,
  withSize: boolean,
): Promise<object> {
  const { paths } = context;
  const { record, live } = await currentStatus(context, known);
  const { id, config, hostConfig, name, created, imageId = "", mounts, life } = record;
  const [path = "", ...args] = commandOf(config);
  const { driver, graphDriver } = await describeRootfs(paths, id);
  const run = runDirectory(paths, id);
  const hasOwnFiles = hostConfig.NetworkMode !== "host" && !hostConfig.NetworkMode.startsWith("container:");
  return {
    Id: id,
    Created: created,
    Path: path,
    Args: args,
    State: stateOf(paths, record, live),
    Image: imageId,
    ResolvConfPath: hasOwnFiles ? `${run}/resolv.conf` : "",
    HostnamePath: hasOwnFiles ? `${run}/hostname` : "",
    HostsPath: hasOwnFiles ? `${run}/hosts` : "",
    LogPath: logFiles(paths, record)?.path ?? "",
    Name: `/${name}`,
    RestartCount: life.restartCount,
    Driver: driver,
    Platform: "linux",
    HostConfig: hostConfig,
    GraphDriver: graphDriver,
    ...(withSize && (await sizesOf(paths, record))),
    // As docker has it: those of --tmpfs are in HostConfig.
    Mounts: mounts
      .filter(({ Type, Destination }) => Type !== "tmpfs" || hostConfig.Tmpfs[Destination] === undefined)
      .map(({ IsAnonymous: _anonymous, Options: _options, ...mount }) => mount),
    Config: config,
    NetworkSettings: await networkSettings(paths, record),
  };
}

/** SizeRootFs: what the container sees, by the sizes of its layers. */
async function sizesOf(paths: EnginePaths, { id, imageId, rootfs }: ContainerRecord) {
  const written = await writtenBytes(paths, id);
  const below = rootfs === undefined ? await imageBytes(paths, imageId) : treeBytes(rootfs);
  return { SizeRw: written, SizeRootFs: below + written };
}

async function imageBytes(paths: EnginePaths, imageId: string | undefined): Promise<number> {
  if (imageId === undefined) return 0;
  const [{ resolveImage }, { imageSize }] = await Promise.all([
    import("../image/resolve-image.ts"),
    import("../image/list-images.ts"),
  ]);
  const { config, layers } = resolveImage(paths, imageId);
  return imageSize(paths, config, layers);
}

function stateOf(paths: EnginePaths, record: ContainerRecord, live: LiveStatus) {
  const { life } = record;
  const { status, pid, exit } = live;
  const health = healthState(paths, record, live);
  return {
    Status: status,
    Running: status === "running" || status === "paused" || status === "restarting",
    Paused: status === "paused",
    Restarting: status === "restarting",
    OOMKilled: life.oomKilled,
    Dead: false,
    Pid: pid,
    ExitCode: exit?.status ?? life.exitCode,
    Error: life.error,
    StartedAt: life.startedAt,
    FinishedAt: exit?.at ?? life.finishedAt,
    // Also where there is none: templates ask for it.
    Health: health,
  };
}
