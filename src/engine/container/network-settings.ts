import type { EnginePaths } from "../base/paths.ts";
import { describeSandbox } from "../network/index.ts";
import { endpointId } from "../network/inspect-network.ts";
import { findNetwork, networkName } from "../network/network-store.ts";
import type { Endpoint, PublishedPort } from "../network/types.ts";
import type { ContainerRecord } from "./record.ts";

/**
 * The networks that a container is to be on, and what it has on each while it runs. Source: docker's API,
 * NetworkSettings.
 */
export async function networkSettings(paths: EnginePaths, record: ContainerRecord): Promise<object> {
  const { id, hostConfig } = record;
  const sandbox = hostConfig.NetworkMode === "none" ? undefined : await describeSandbox(paths, id);
  const endpoints = sandbox?.endpoints ?? [];
  const networks = networkNames(paths, record).map((name) => {
    const endpoint = endpoints.find(({ network }) => network === name);
    return [name, endpointSettings(paths, record, name, endpoint)] as const;
  });
  return {
    SandboxID: sandbox === undefined ? "" : id,
    SandboxKey: sandbox === undefined ? "" : `${paths.netns}/${id}`,
    Ports: portsOf(sandbox?.ports ?? []),
    ...NEVER_SET,
    EndpointID: endpoints[0] === undefined ? "" : endpointId(id, endpoints[0].networkId),
    ...addressesOf(endpoints[0]),
    Networks: Object.fromEntries(networks),
  };
}

/** Members of docker's that nothing here sets: programs look for the names. */
const NEVER_SET = {
  Bridge: "",
  HairpinMode: false,
  LinkLocalIPv6Address: "",
  LinkLocalIPv6PrefixLen: 0,
  SecondaryIPAddresses: null,
  SecondaryIPv6Addresses: null,
} as const;

function networkNames(paths: EnginePaths, { hostConfig, networking }: ContainerRecord): readonly string[] {
  const { NetworkMode: mode } = hostConfig;
  if (mode === "none" || mode === "host") return [mode];
  return networking.networks.map((word) => networkName(paths, word));
}

function endpointSettings(
  paths: EnginePaths,
  { id, networking }: ContainerRecord,
  name: string,
  endpoint: Endpoint | undefined,
): object {
  const networkId = endpoint?.networkId ?? findNetwork(paths, name)?.id ?? "";
  return {
    IPAMConfig: null,
    Links: null,
    DriverOpts: null,
    NetworkID: networkId,
    EndpointID: endpoint === undefined ? "" : endpointId(id, networkId),
    ...addressesOf(endpoint),
    Aliases: endpoint?.aliases ?? networking.endpoints?.[name]?.aliases ?? networking.aliases,
  };
}

function addressesOf(endpoint: Endpoint | undefined): object {
  const { address = "", address6 = "", gateway = "", gateway6 = "", mac = "" } = endpoint ?? {};
  const [ip = "", prefix = "0"] = address.split("/");
  const [ip6 = "", prefix6 = "0"] = address6.split("/");
  return {
    IPAddress: ip,
    IPPrefixLen: Number(prefix),
    Gateway: gateway,
    MacAddress: mac,
    GlobalIPv6Address: ip6,
    GlobalIPv6PrefixLen: Number(prefix6),
    IPv6Gateway: gateway6,
  };
}

function portsOf(ports: readonly PublishedPort[]): object {
  const shown: Record<string, object[]> = {};
  for (const { containerPort, protocol, hostIp = "0.0.0.0", hostPort } of ports) {
    const key = `${containerPort}/${protocol}`;
    shown[key] = [...(shown[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return shown;
}
