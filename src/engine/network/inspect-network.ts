import type { EnginePaths } from "../base/paths.ts";
import { driverName } from "./built-in-networks.ts";
import { type Member, readMembers } from "./endpoint-store.ts";
import type { NetworkRecord, Subnet } from "./types.ts";

/** A network as `docker network inspect` shows it. Source: docker's API, NetworkInspect. */
export function inspectNetwork(paths: EnginePaths, network: NetworkRecord): object {
  const { members } = readMembers(paths, network.id);
  const { device } = network;
  const key = network.driver === "macvlan" ? "parent" : "com.docker.network.bridge.name";
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: "local",
    Driver: driverName(network.driver),
    EnableIPv6: network.subnets.some(({ subnet }) => subnet.includes(":")),
    IPAM: { Driver: "default", Options: {}, Config: network.subnets.map(ipamConfig) },
    Internal: network.internal && network.driver !== "none",
    Attachable: false,
    Ingress: false,
    Containers: Object.fromEntries(members.map((member) => [member.containerId, inspectMember(network, member)])),
    Options: device === undefined ? network.options : { ...network.options, [key]: device },
    Labels: network.labels,
  };
}

function ipamConfig({ subnet, gateway, ipRange }: Subnet): object {
  return { Subnet: subnet, ...(ipRange === undefined ? {} : { IPRange: ipRange }), Gateway: gateway };
}

function inspectMember(network: NetworkRecord, { name, containerId, mac, addresses }: Member): object {
  const withLength = (isV6: boolean): string => {
    const address = addresses.find((each) => each.includes(":") === isV6);
    const subnet = network.subnets.find((each) => each.subnet.includes(":") === isV6)?.subnet ?? "";
    return address === undefined ? "" : `${address}${subnet.slice(subnet.indexOf("/"))}`;
  };
  return {
    Name: name,
    EndpointID: endpointId(containerId, network.id),
    MacAddress: mac,
    IPv4Address: withLength(false),
    IPv6Address: withLength(true),
  };
}

/** An endpoint is one container on one network: half of each id. */
export function endpointId(containerId: string, networkId: string): string {
  return `${containerId.slice(0, 32)}${networkId.slice(0, 32)}`;
}
