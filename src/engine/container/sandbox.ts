import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { NamespaceChoice } from "../config-builder/bundle-input.ts";
import { BUILT_IN_NETWORKS } from "../network/built-in-networks.ts";
import type { Endpoint } from "../network/types.ts";
import type { EventNetwork } from "./event-facts.ts";
import type { ContainerRecord } from "./record.ts";
import { livePid } from "./status.ts";
import { findContainer } from "./store.ts";

/** What a container's network is for config.json, and the texts of the files that tell of it. */
export interface Sandbox {
  readonly namespace: NamespaceChoice;
  /** Absent where another container's, or the host's own, are taken. */
  readonly files?: { readonly hosts: string; readonly hostname: string; readonly resolvConf: string };
}

/** One that a container has. */
export interface EnteredSandbox extends Sandbox {
  readonly networks: readonly EventNetwork[];
}

/** Sets up a container's network, so far as that is done before it exists. Throws EngineError, SystemError. */
export async function enterSandbox(paths: EnginePaths, record: ContainerRecord): Promise<EnteredSandbox> {
  const mode = record.hostConfig.NetworkMode;
  if (mode === "none") return { namespace: "new", files: plainFiles(record), networks: sharedNetworks(mode) };
  const { connectSandbox } = await import("../network/index.ts");
  const { namespace, files, endpoints } = await connectSandbox(paths, await sandboxRequest(paths, record));
  return {
    namespace: namespaceChoice(paths, namespace),
    ...(files !== undefined && { files }),
    networks: [...sharedNetworks(mode), ...endpoints.map(networkOf)],
  };
}

/** Takes it back; nothing to do where the container has no network of its own. Gives the networks that it was on. */
export async function leaveSandbox(
  paths: EnginePaths,
  { id, hostConfig: { NetworkMode: mode } }: ContainerRecord,
): Promise<readonly EventNetwork[]> {
  if (mode === "none" || mode === "host" || mode.startsWith("container:")) return sharedNetworks(mode);
  const { releaseSandbox } = await import("../network/index.ts");
  return (await releaseSandbox(paths, id)).map(networkOf);
}

/** "none" and "host" are networks as well, which nobody has for himself. */
function sharedNetworks(mode: string): readonly EventNetwork[] {
  return BUILT_IN_NETWORKS.filter(({ name }) => name === mode);
}

function networkOf({ networkId, network, driver }: Endpoint): EventNetwork {
  return { id: networkId, name: network, driver };
}

type Namespace = Awaited<ReturnType<typeof import("../network/index.ts").connectSandbox>>["namespace"];

function namespaceChoice(paths: EnginePaths, namespace: Namespace): NamespaceChoice {
  switch (namespace.kind) {
    case "path":
      return { path: namespace.path };
    case "new":
      return "new";
    case "host":
      return "host";
    case "container":
      return { path: namespace.path ?? namespaceOf(paths, namespace.containerId, "net") };
  }
}

/** The namespace of a running container. Throws EngineError where it does not run. */
export function namespaceOf(paths: EnginePaths, containerId: string, name: "net" | "pid" | "ipc"): string {
  const pid = livePid(paths, containerId);
  if (pid !== undefined) return `/proc/${pid}/ns/${name}`;
  throw new EngineError(`cannot join the ${name} namespace of a non running container: ${containerId.slice(0, 12)}`, {
    code: "ERR_CONFLICT",
  });
}

async function sandboxRequest(paths: EnginePaths, record: ContainerRecord) {
  const { config, hostConfig, networking } = record;
  const { ports } = await import("./port-mappings.ts");
  return {
    containerId: record.id,
    name: record.name,
    hostname: config.Hostname,
    ...(config.Domainname !== "" && { domainname: config.Domainname }),
    mode: networkMode(paths, record),
    ports: ports(config, hostConfig),
    dns: { servers: hostConfig.Dns, options: hostConfig.DnsOptions, search: hostConfig.DnsSearch },
    extraHosts: hostConfig.ExtraHosts,
    aliases: networking.aliases,
  };
}

function networkMode(paths: EnginePaths, { hostConfig, networking }: ContainerRecord) {
  const mode = hostConfig.NetworkMode;
  if (mode === "host") return { kind: "host" } as const;
  if (mode.startsWith("container:")) {
    const other = findContainer(paths, mode.slice("container:".length));
    namespaceOf(paths, other.id, "net");
    return { kind: "container", containerId: other.id } as const;
  }
  const networks = networking.networks.map((network, index) => ({
    network: network === "default" ? "bridge" : network,
    ...(networking.endpoints?.[network] ?? {
      aliases: networking.aliases,
      ...(index === 0 && networking.ip !== undefined && { ip: networking.ip }),
      ...(index === 0 && networking.ip6 !== undefined && { ip6: networking.ip6 }),
      ...(index === 0 && networking.mac !== undefined && { mac: networking.mac }),
    }),
  }));
  return { kind: "networks", networks } as const;
}

/** Without a network there is the loopback only. */
function plainFiles({ config, hostConfig }: ContainerRecord): NonNullable<Sandbox["files"]> {
  const extra = hostConfig.ExtraHosts.map((entry) => {
    const at = entry.search(/[:=]/);
    return `${entry.slice(at + 1)}\t${entry.slice(0, at)}\n`;
  });
  return {
    hosts: `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${extra.join("")}`,
    hostname: `${config.Hostname}\n`,
    resolvConf: hostConfig.Dns.map((server) => `nameserver ${server}\n`).join(""),
  };
}
