import type { EnginePaths } from "../base/paths.ts";
import { describeRootfs } from "../storage/rootfs-store.ts";
import { commandOf } from "./command-of.ts";
import { containerSizes } from "./container-size.ts";
import type { EngineContext } from "./engine-context.ts";
import { healthState } from "./health/health-state.ts";
import { logFiles } from "./log-files.ts";
import { networkSettings } from "./network-settings.ts";
import type { ContainerRecord } from "./record.ts";
import { currentStatus } from "./recover.ts";
import { shownConfig, shownHostConfig } from "./shown-config.ts";
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
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: hostConfig.SecurityOpt.find((one) => /^apparmor[=:]/.test(one))?.slice("apparmor=".length) ?? "",
    ExecIDs: null,
    HostConfig: shownHostConfig(hostConfig),
    GraphDriver: graphDriver,
    ...(withSize && (await containerSizes(paths, record))),
    // As docker has it: those of --tmpfs are in HostConfig.
    Mounts: mounts
      .filter(({ Type, Destination }) => Type !== "tmpfs" || hostConfig.Tmpfs[Destination] === undefined)
      .map(({ IsAnonymous: _anonymous, Options: _options, ...mount }) => mount),
    Config: shownConfig(config),
    NetworkSettings: await networkSettings(paths, record),
  };
}

function stateOf(paths: EnginePaths, record: ContainerRecord, live: LiveStatus) {
  const { life } = record;
  const { status, pid, exit } = live;
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
    Health: healthState(paths, record, live),
  };
}
