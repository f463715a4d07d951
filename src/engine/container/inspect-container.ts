import type { EnginePaths } from "../base/paths.ts";
import { describeSandbox } from "../network/index.ts";
import { describeRootfs } from "../storage/rootfs-store.ts";
import { commandOf } from "./command-of.ts";
import { writtenBytes } from "./container-size.ts";
import type { EngineContext } from "./engine-context.ts";
import { logFiles } from "./log-files.ts";
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
  const run = runDirectory(paths, id);
  const hasOwnFiles = hostConfig.NetworkMode !== "host" && !hostConfig.NetworkMode.startsWith("container:");
  return {
    Id: id,
    Created: created,
    Path: path,
    Args: args,
    State: stateOf(record, live),
    Image: imageId,
    ResolvConfPath: hasOwnFiles ? `${run}/resolv.conf` : "",
    HostnamePath: hasOwnFiles ? `${run}/hostname` : "",
    HostsPath: hasOwnFiles ? `${run}/hosts` : "",
    LogPath: logFiles(paths, record)?.path ?? "",
    Name: `/${name}`,
    RestartCount: life.restartCount,
    Driver: (await describeRootfs(paths, id)).driver,
    Platform: "linux",
    HostConfig: hostConfig,
    GraphDriver: (await describeRootfs(paths, id)).graphDriver,
    ...(withSize && { SizeRw: await writtenBytes(paths, id) }),
    Mounts: mounts.map(({ IsAnonymous: _anonymous, Options: _options, ...mount }) => mount),
    Config: config,
    NetworkSettings: await networkSettings(paths, record),
  };
}

function stateOf({ life, id: _id }: ContainerRecord, { status, pid, exit }: LiveStatus) {
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
  };
}

async function networkSettings(paths: EnginePaths, { id, hostConfig }: ContainerRecord): Promise<object> {
  const sandbox = hostConfig.NetworkMode === "none" ? undefined : await describeSandbox(paths, id);
  const endpoints = sandbox?.endpoints ?? [];
  const settings = endpoints.map(
    ({ network, networkId, mac, address = "", address6 = "", gateway = "", gateway6 = "", aliases }) => {
      const [ip = "", prefix = "0"] = address.split("/");
      const [ip6 = "", prefix6 = "0"] = address6.split("/");
      const value = {
        NetworkID: networkId,
        IPAddress: ip,
        IPPrefixLen: Number(prefix),
        Gateway: gateway,
        MacAddress: mac,
        GlobalIPv6Address: ip6,
        GlobalIPv6PrefixLen: Number(prefix6),
        IPv6Gateway: gateway6,
        Aliases: aliases,
      };
      return [network, value] as const;
    },
  );
  const first = settings[0]?.[1];
  const { NetworkID: _network, Aliases: _aliases, ...address } = first ?? EMPTY_ADDRESS;
  return {
    SandboxID: id,
    SandboxKey: `${paths.netns}/${id}`,
    Ports: portsOf(sandbox?.ports ?? []),
    ...address,
    Networks: Object.fromEntries(settings),
  };
}

const EMPTY_ADDRESS = {
  NetworkID: "",
  Aliases: [],
  IPAddress: "",
  IPPrefixLen: 0,
  Gateway: "",
  MacAddress: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
  IPv6Gateway: "",
};

type Ports = NonNullable<Awaited<ReturnType<typeof describeSandbox>>>["ports"];

function portsOf(ports: Ports): object {
  const shown: Record<string, object[]> = {};
  for (const { containerPort, protocol, hostIp = "0.0.0.0", hostPort } of ports) {
    const key = `${containerPort}/${protocol}`;
    shown[key] = [...(shown[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return shown;
}
