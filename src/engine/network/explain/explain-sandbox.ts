import { formatAddress, formatPrefix } from "../../../base/ip-address.ts";
import { readTextIfExists } from "../../../sys/files.ts";
import { listAddresses } from "../../../sys/netlink/addresses.ts";
import { listLinks } from "../../../sys/netlink/links.ts";
import { withNetlink } from "../../../sys/netlink/netlink-socket.ts";
import { listRoutes } from "../../../sys/netlink/routes.ts";
import { isInUserNamespace } from "../../../sys/user-namespace.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { isNameServerRunning } from "../dns/name-server.ts";
import { nameServerAddresses } from "../dns/name-server-addresses.ts";
import { isNetdAlive } from "../netd.ts";
import { listNetworks } from "../network-store.ts";
import type { RulesInForce } from "../rules/firewall.ts";
import { hasFirewall, hostFirewall } from "../rules/host-firewall.ts";
import { publishedPorts } from "../sandbox/published-endpoint.ts";
import { helperPidPath, netnsPath, type SandboxRecord } from "../sandbox/sandbox-record.ts";
import type { Endpoint, NetworkRecord } from "../types.ts";
import type { ExplainedDevice, ExplainedEndpoint, ExplainedPort, Explanation } from "./explanation.ts";
import { findProblems } from "./find-problems.ts";

/** Looks at everything that a container's packets pass. Nothing of it is taken from the record but the names. */
export function explainSandbox(paths: EnginePaths, record: SandboxRecord): Explanation {
  const { containerId, request } = record;
  const namespace = netnsPath(paths, containerId);
  const inside = readDevices(namespace, "container");
  const outside = readDevices(undefined, "host");
  const networks = listNetworks(paths);
  const endpoints = record.endpoints.map((endpoint) => {
    const network = networks.find(({ id }) => id === endpoint.networkId);
    return explainEndpoint(paths, endpoint, network, inside, outside);
  });
  const isUser = isInUserNamespace();
  const rules = !isUser && hasFirewall() ? hostFirewall(paths).look() : NO_RULES;
  const facts = {
    containerId,
    name: request.name,
    namespace,
    endpoints,
    ...(isUser ? { userProgram: { isRunning: isNetdAlive(helperPidPath(paths, containerId)) } } : {}),
    routes: readRoutes(namespace, inside),
    ports: explainPorts(paths, record, rules),
    rules: rules.chains(containerId, record.ports.length > 0),
    settings: isUser ? [] : readSettings(endpoints),
  };
  return { ...facts, problems: findProblems(record, facts, rules.foreignDrops) };
}

const NO_RULES: RulesInForce = { portRules: () => [], chains: () => [], foreignDrops: [] };

/** By index, which names the device of a route. */
interface Devices {
  readonly byIndex: ReadonlyMap<number, ExplainedDevice>;
}

function readDevices(netns: string | undefined, where: "container" | "host"): Devices {
  return withNetlink(netns, (socket) => {
    const addresses = listAddresses(socket);
    const entries = listLinks(socket).map(({ index, name, kind, mac, mtu, isUp }) => {
      const own = addresses.filter((each) => each.index === index);
      const texts = own.map(({ address, length }) => `${formatAddress(address)}/${length}`);
      return [index, { name, where, kind, mac, mtu, isUp, addresses: texts }] as const;
    });
    return { byIndex: new Map(entries) };
  });
}

function deviceNamed({ byIndex }: Devices, name: string | undefined): readonly ExplainedDevice[] {
  return [...byIndex.values()].filter((device) => device.name === name);
}

function explainEndpoint(
  paths: EnginePaths,
  endpoint: Endpoint,
  network: NetworkRecord | undefined,
  inside: Devices,
  outside: Devices,
): ExplainedEndpoint {
  const devices = [
    ...deviceNamed(inside, endpoint.device),
    ...deviceNamed(outside, endpoint.hostDevice),
    ...deviceNamed(outside, network?.device),
  ];
  const addresses = network === undefined ? [] : nameServerAddresses(network);
  const explained = { endpoint, devices, isInternal: network?.internal ?? false };
  if (network === undefined || addresses.length === 0) return explained;
  return { ...explained, nameServer: { addresses, isRunning: isNameServerRunning(paths, network.id) } };
}

function readRoutes(netns: string, { byIndex }: Devices): readonly string[] {
  return withNetlink(netns, (socket) =>
    listRoutes(socket).map(({ destination, index, gateway }) => {
      const to = destination.length === 0 ? "default" : formatPrefix(destination);
      const via = gateway === undefined ? "" : ` via ${formatAddress(gateway)}`;
      return `${to}${via} dev ${byIndex.get(index ?? 0)?.name ?? "?"}`;
    }),
  );
}

function explainPorts(paths: EnginePaths, record: SandboxRecord, rules: RulesInForce): readonly ExplainedPort[] {
  const { ports, containerId } = record;
  if (ports.length === 0) return [];
  const published = publishedPorts(record);
  const address = published.address4 ?? published.address6 ?? "";
  const isProxyRunning = isNetdAlive(helperPidPath(paths, containerId));
  return ports.map((port) => {
    const target = `${address}:${port.containerPort}`;
    return { port, target, rules: rules.portRules(published, port), isProxyRunning };
  });
}

function readSettings(endpoints: readonly ExplainedEndpoint[]): readonly string[] {
  const bridges = endpoints.flatMap(({ devices }) => devices.filter(({ kind }) => kind === "bridge"));
  const names = [
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.forwarding",
    "net.bridge.bridge-nf-call-iptables",
    ...bridges.map(({ name }) => `net.ipv4.conf.${name}.route_localnet`),
  ];
  return names.flatMap((name) => {
    const value = readTextIfExists(`/proc/sys/${sysctlPath(name)}`)?.trim();
    return value === undefined ? [] : [`${name} = ${value}`];
  });
}

/** A device's name may have dots of its own: it is the part behind "conf". */
function sysctlPath(name: string): string {
  const match = /^(net\.ipv4\.conf)\.(.+)\.([a-z_]+)$/.exec(name);
  return match === null ? name.replaceAll(".", "/") : `net/ipv4/conf/${match[2]}/${match[3]}`;
}
