import { parseAddress } from "../../../base/ip-address.ts";
import { close } from "../../../sys/descriptors.ts";
import { makeDirs, openFile } from "../../../sys/files.ts";
import { type NetlinkSocket, withNetlink } from "../../../sys/netlink/netlink-socket.ts";
import { makeNetns } from "../../../sys/network-namespaces.ts";
import { EngineError } from "../../base/errors.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { namedNetwork } from "../default-network.ts";
import { updateNames } from "../dns/name-server.ts";
import { hasNames } from "../dns/name-server-addresses.ts";
import { attachPair, ensureBridge } from "../drivers/bridge.ts";
import { attachMacvlan } from "../drivers/macvlan.ts";
import { readMembers, withMember, writeMembers } from "../endpoint-store.ts";
import { resolveNetwork } from "../network-store.ts";
import { withNetworksLock } from "../networks-lock.ts";
import { forgetFlows } from "../ports/forget-flows.ts";
import { closePorts, holdPorts, startPortProxy } from "../ports/port-proxy.ts";
import { hostFirewall } from "../rules/host-firewall.ts";
import { networkRules } from "../rules/network-rules.ts";
import type { Endpoint, EndpointRequest, NetworkRecord } from "../types.ts";
import { claimPorts } from "./claim-ports.ts";
import { configureNamespace } from "./configure-namespace.ts";
import { planEndpoint } from "./plan-endpoint.ts";
import { publishedEndpoint, publishedPorts } from "./published-endpoint.ts";
import { helperPidPath, netnsPath, type SandboxRecord, writeSandbox } from "./sandbox-record.ts";

/** A container's network while it is being made. */
export interface Connecting {
  readonly paths: EnginePaths;
  readonly record: SandboxRecord;
  /** The networks that are asked for now, and what is made on them. */
  readonly requests: readonly EndpointRequest[];
  readonly networks: readonly NetworkRecord[];
  readonly added: readonly Endpoint[];
}

/** One thing that is made; whatever of it was made when it fails, releaseSandbox takes back by the record. */
export interface ConnectStep {
  readonly name: string;
  readonly act: (state: Connecting) => Promise<Connecting> | Connecting;
}

/** What connects a container to networks, in order. */
export const CONNECT_STEPS: readonly ConnectStep[] = [
  { name: "resolve networks", act: resolveNetworks },
  { name: "claim addresses and ports", act: claim },
  { name: "tell names", act: tellNames },
  { name: "make namespace", act: makeNamespace },
  { name: "make links", act: makeLinks },
  { name: "configure links", act: configureLinks },
  { name: "publish ports", act: publishPorts },
];

/** What attaches a running container to one more network. */
export const ATTACH_STEPS: readonly ConnectStep[] = CONNECT_STEPS.filter(
  ({ name }) => name !== "make namespace" && name !== "publish ports",
);

async function resolveNetworks(state: Connecting): Promise<Connecting> {
  const { paths, record, requests } = state;
  const networks = await withNetworksLock(paths, () => requests.map((request) => networkOf(paths, request)));
  checkAliases(networks, requests);
  const ids = networks.map(({ id }) => id);
  const twice = networks.find(({ id }, index) => ids.indexOf(id) !== index || record.networkIds.includes(id));
  if (twice !== undefined) throw new EngineError(`The container is on the network "${twice.name}" already`);
  const next = { ...record, networkIds: [...record.networkIds, ...ids] };
  writeSandbox(paths, next);
  return { ...state, networks, record: next };
}

/** One that no network could tell is refused and not left out. */
function checkAliases(networks: readonly NetworkRecord[], requests: readonly EndpointRequest[]): void {
  const [alias] = requests.flatMap(({ aliases }) => aliases);
  if (alias === undefined || networks.some(hasNames)) return;
  throw new EngineError(
    `Cannot give the container the network alias "${alias}": only networks that "network create" has made with a bridge have names`,
    { flag: "--network-alias" },
  );
}

function networkOf(paths: EnginePaths, { network: word }: EndpointRequest): NetworkRecord {
  const network = namedNetwork(paths, word);
  if (network.driver === "bridge" || network.driver === "macvlan") return network;
  throw new EngineError(
    `Cannot attach the container to "${network.name}" together with or beside a network of its own`,
  );
}

/** All deciding happens here, under the lock; what was decided is on record before anything is made of it. */
async function claim(state: Connecting): Promise<Connecting> {
  const { paths, networks } = state;
  return await withNetworksLock(paths, () => {
    withNetlink(undefined, (socket) => {
      for (const network of networks) if (network.driver === "bridge") ensureBridge(paths, socket, network);
    });
    const claimed = claimAddresses(state);
    return { ...claimed, record: claimPorts(paths, claimed.record) };
  });
}

function claimAddresses(state: Connecting): Connecting {
  const { paths, networks, requests } = state;
  const planned = networks.map((network, place) => {
    const request = requests[place] ?? { network: network.name, aliases: [] };
    const { request: sandbox, containerId, endpoints } = state.record;
    // The network may have been removed since it was looked up.
    const current = resolveNetwork(paths, network.id);
    const members = readMembers(paths, network.id);
    const index = nextIndex(endpoints) + place;
    return { members, ...planEndpoint({ sandbox, request, network: current, members, index, containerId }) };
  });
  const added = planned.map(({ endpoint }) => endpoint);
  const record = { ...state.record, endpoints: [...state.record.endpoints, ...added] };
  writeSandbox(paths, record);
  for (const { endpoint, members, member, asked } of planned) {
    writeMembers(paths, endpoint.networkId, withMember(members, member, asked));
  }
  return { ...state, record, added };
}

/** Behind the highest of the container's devices. */
function nextIndex(endpoints: readonly Endpoint[]): number {
  return Math.max(-1, ...endpoints.map(({ device }) => Number(device.replace(/^\D+/, "")))) + 1;
}

async function tellNames(state: Connecting): Promise<Connecting> {
  await withNetworksLock(state.paths, () => {
    for (const network of state.networks) updateNames(state.paths, network);
  });
  return state;
}

function makeNamespace(state: Connecting): Connecting {
  const { paths, record } = state;
  makeDirs(paths.netns, 0o700);
  makeNetns(netnsPath(paths, record.containerId));
  return state;
}

const O_RDONLY = 0;

function makeLinks(state: Connecting): Connecting {
  const { paths, record, networks, added } = state;
  const netns = openFile(netnsPath(paths, record.containerId), O_RDONLY);
  try {
    withNetlink(undefined, (socket) => {
      for (const [place, network] of networks.entries()) {
        const endpoint = added[place];
        if (endpoint !== undefined)
          makeLink(paths, socket, { network, endpoint, netns, isPublished: record.ports.length > 0 });
      }
    });
  } finally {
    close(netns);
  }
  return state;
}

interface LinkOptions {
  readonly network: NetworkRecord;
  readonly endpoint: Endpoint;
  readonly netns: number;
  readonly isPublished: boolean;
}

function makeLink(paths: EnginePaths, socket: NetlinkSocket, options: LinkOptions): void {
  const { network, endpoint } = options;
  const { device, hostDevice } = endpoint;
  const mac = Uint8Array.from(endpoint.mac.split(":"), (byte) => Number.parseInt(byte, 16));
  if (hostDevice === undefined) {
    attachMacvlan(socket, network, { ...options, device, mac });
  } else {
    attachPair(socket, network, ensureBridge(paths, socket, network), { ...options, hostDevice, device, mac });
  }
}

function configureLinks(state: Connecting): Connecting {
  configureNamespace(netnsPath(state.paths, state.record.containerId), state.record.endpoints);
  return state;
}

function publishPorts(state: Connecting): Connecting {
  const { paths, networks, record } = state;
  const { ports, containerId } = record;
  if (ports.length === 0) return state;
  const network = networks.find(({ id }) => id === publishedEndpoint(record)?.networkId);
  if (network === undefined) {
    throw new EngineError("Cannot publish a port: none of the container's networks is a bridge with a way in", {
      flag: "-p",
    });
  }
  const published = publishedPorts(record);
  const target = parseAddress(published.address4 ?? published.address6 ?? "");
  if (target === undefined) throw new EngineError("Cannot publish a port: the container has no address");
  const held = holdPorts(ports);
  try {
    hostFirewall(paths).publish(networkRules(network), published);
    forgetFlows(ports);
    startPortProxy(helperPidPath(paths, containerId), held, target);
  } finally {
    closePorts(held);
  }
  return state;
}
