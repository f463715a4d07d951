import { formatAddress, type IpAddress, parsePrefix } from "../../../base/ip-address.ts";
import { EngineError } from "../../base/errors.ts";
import { macOf } from "../address-pool.ts";
import { allocateAddresses, type Member, type NetworkMembers } from "../endpoint-store.ts";
import type { Endpoint, EndpointRequest, NetworkRecord, SandboxRequest } from "../types.ts";

/** What decides one endpoint. */
export interface EndpointInput {
  readonly sandbox: SandboxRequest;
  readonly request: EndpointRequest;
  readonly network: NetworkRecord;
  readonly members: NetworkMembers;
  /** The number of the device in the container: 0 for eth0. */
  readonly index: number;
  /** How long names of devices may be is the kernel's to say: with the index, the host's end is named from the id. */
  readonly containerId: string;
}

export interface PlannedEndpoint {
  readonly endpoint: Endpoint;
  readonly member: Member;
  /** The addresses that were asked for. */
  readonly asked: readonly string[];
}

/** Decides addresses and devices of one endpoint. Pure. Throws EngineError. */
export function planEndpoint(input: EndpointInput): PlannedEndpoint {
  const { sandbox, request, network, members, index, containerId } = input;
  const asked = [request.ip, request.ip6].flatMap((text) => text ?? []);
  checkAsked(network, request);
  const addresses = allocateAddresses(network, members, asked);
  const mac = request.mac?.toLowerCase() ?? macOf(firstOf(addresses, network));
  const aliases = request.aliases;
  return {
    asked,
    endpoint: {
      networkId: network.id,
      network: network.name,
      driver: network.driver,
      device: `eth${index}`,
      ...(network.driver === "bridge" ? { hostDevice: hostDeviceName(containerId, index) } : {}),
      mac,
      ...addressesOf(network, addresses),
      aliases,
    },
    member: {
      containerId,
      name: sandbox.name,
      aliases: [
        ...aliases,
        ...(sandbox.hostname === "" || containerId.startsWith(sandbox.hostname) ? [] : [sandbox.hostname]),
      ],
      addresses: addresses.map(formatAddress),
      mac,
      dnsServers: sandbox.dns.servers,
    },
  };
}

/** 15 bytes at most: "veth", nine digits of the id, and the number. */
function hostDeviceName(containerId: string, index: number): string {
  return `veth${containerId.slice(0, 9)}${index}`;
}

function checkAsked({ name, subnets }: NetworkRecord, { ip, ip6, mac }: EndpointRequest): void {
  for (const [flag, text, family] of [
    ["--ip", ip, 4],
    ["--ip6", ip6, 6],
  ] as const) {
    if (text === undefined || subnets.some(({ subnet }) => parsePrefix(subnet)?.family === family)) continue;
    throw new EngineError(`Cannot use ${flag} "${text}": the network "${name}" has no IPv${family} subnet`, { flag });
  }
  if (mac !== undefined && !isUnicastMac(mac)) {
    throw new EngineError(
      `Cannot use --mac-address "${mac}": it must be six bytes such as 02:42:ac:11:00:02, of one device`,
      {
        code: "ERR_USAGE",
        flag: "--mac-address",
      },
    );
  }
}

/** The lowest bit of the first byte is set in addresses of groups. Source: IEEE 802. */
function isUnicastMac(text: string): boolean {
  return /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(text) && !/^0[0](:00){5}$/.test(text);
}

function firstOf(addresses: readonly IpAddress[], { name }: NetworkRecord): IpAddress {
  const [first] = addresses;
  if (first === undefined) throw new EngineError(`Cannot attach the container to "${name}": the network has no subnet`);
  return first;
}

function addressesOf(network: NetworkRecord, addresses: readonly IpAddress[]): Partial<Endpoint> {
  const parts = network.subnets.map((subnet, index) => {
    const address = addresses[index];
    const prefix = parsePrefix(subnet.subnet);
    if (address === undefined || prefix === undefined) return {};
    const shown = `${formatAddress(address)}/${prefix.length}`;
    // A network without a way out has no gateway to tell of.
    if (network.internal) return prefix.family === 4 ? { address: shown } : { address6: shown };
    return prefix.family === 4
      ? { address: shown, gateway: subnet.gateway }
      : { address6: shown, gateway6: subnet.gateway };
  });
  return Object.assign({}, ...parts);
}
