import {
  formatAddress,
  formatPrefix,
  type IpPrefix,
  parseAddress,
  parseInterfaceAddress,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
} from "../../base/ip-address.ts";
import { EngineError } from "../base/errors.ts";
import { usableAddresses } from "./address-pool.ts";
import type { Subnet } from "./types.ts";

/** What holds a range of addresses already: another network, or a route of the host. */
export interface TakenRange {
  readonly prefix: IpPrefix;
  /** 'the network "web"', "the host's route 10.0.0.0/8 dev eth0". */
  readonly holder: string;
}

/** What `network create` was asked for. */
export interface SubnetRequest {
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  readonly ipRanges: readonly string[];
  readonly ipv6: boolean;
}

/** As docker's: 15 networks of 65534 addresses, then 16 of 4094. Source: daemon.json(5), default-address-pools. */
const DEFAULT_POOLS: readonly string[] = [
  ...Array.from({ length: 15 }, (_, index) => `172.${17 + index}.0.0/16`),
  ...Array.from({ length: 16 }, (_, index) => `192.168.${16 * index}.0/20`),
];

const IPV4_LENGTHS = { min: 8, max: 30 } as const;
const IPV6_LENGTHS = { min: 8, max: 126 } as const;

/**
 * Decides the ranges of a new network. `uniqueLocal` is what an IPv6 network gets that names no subnet: a /64 of
 * fd00::/8, chosen at random (RFC 4193). Throws EngineError where a range is wrong or taken, naming the holder.
 */
export function chooseSubnets(
  request: SubnetRequest,
  taken: readonly TakenRange[],
  uniqueLocal: IpPrefix,
): readonly Subnet[] {
  const asked = request.subnets.map((text) => askedPrefix(text, taken));
  checkCounts(asked, request);
  const v4 = asked.find(({ family }) => family === 4) ?? freePool(taken);
  const v6 = asked.find(({ family }) => family === 6) ?? (request.ipv6 ? uniqueLocal : undefined);
  const prefixes = v6 === undefined ? [v4] : [v4, v6];
  for (const text of [...request.gateways, ...request.ipRanges]) checkInside(text, prefixes);
  return prefixes.map((prefix) => withGateway(prefix, request));
}

function askedPrefix(text: string, taken: readonly TakenRange[]): IpPrefix {
  const refuse = (why: string): EngineError =>
    new EngineError(`Cannot use the subnet "${text}": ${why}`, { code: "ERR_USAGE", flag: "--subnet" });
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw refuse(`it must be a network's address with its length, such as ${exampleFor(text)}`);
  const { min, max } = prefix.family === 4 ? IPV4_LENGTHS : IPV6_LENGTHS;
  if (prefix.length < min || prefix.length > max) throw refuse(`its length must be from /${min} to /${max}`);
  const overlap = taken.find((range) => prefixesOverlap(range.prefix, prefix));
  if (overlap !== undefined) throw refuse(`it overlaps with ${overlap.holder}`);
  return prefix;
}

/** The network that an address with a length is in. */
function exampleFor(text: string): string {
  const meant = parseInterfaceAddress(text);
  return meant === undefined ? "10.1.0.0/16" : formatPrefix(prefixOf(meant.address, meant.length));
}

function checkCounts(asked: readonly IpPrefix[], { ipv6 }: SubnetRequest): void {
  for (const family of [4, 6]) {
    if (asked.filter((prefix) => prefix.family === family).length <= 1) continue;
    throw new EngineError(`Cannot use two IPv${family} subnets for one network`, {
      code: "ERR_USAGE",
      flag: "--subnet",
    });
  }
  if (asked.some(({ family }) => family === 6) && !ipv6) {
    throw new EngineError("Cannot use an IPv6 subnet without --ipv6", { code: "ERR_USAGE", flag: "--subnet" });
  }
}

function freePool(taken: readonly TakenRange[]): IpPrefix {
  for (const text of DEFAULT_POOLS) {
    const prefix = parsePrefix(text);
    if (prefix !== undefined && !taken.some((range) => prefixesOverlap(range.prefix, prefix))) return prefix;
  }
  throw new EngineError("Cannot choose a subnet: every one of the default pools overlaps with a network or a route", {
    fix: "name one with --subnet",
  });
}

function checkInside(text: string, prefixes: readonly IpPrefix[]): void {
  const address = parsePrefix(text) ?? parseAddress(text);
  if (address !== undefined && prefixes.some((prefix) => prefixContains(prefix, address))) return;
  throw new EngineError(`Cannot use "${text}": it must be in the subnet ${prefixes.map(formatPrefix).join(" or ")}`, {
    code: "ERR_USAGE",
  });
}

function withGateway(prefix: IpPrefix, request: SubnetRequest): Subnet {
  const within = (text: string): boolean => {
    const address = parsePrefix(text) ?? parseAddress(text);
    return address !== undefined && prefixContains(prefix, address);
  };
  const gateway = request.gateways.find(within);
  const ipRange = request.ipRanges.find(within);
  const firstAddress = { family: prefix.family, value: usableAddresses(prefix).first };
  return {
    subnet: formatPrefix(prefix),
    gateway: gateway === undefined ? formatAddress(firstAddress) : checkGateway(gateway, prefix),
    ...(ipRange === undefined ? {} : { ipRange: checkRange(ipRange, prefix) }),
  };
}

function checkGateway(text: string, prefix: IpPrefix): string {
  const address = parseAddress(text);
  const { first, last } = usableAddresses(prefix);
  if (address !== undefined && address.value >= first && address.value <= last) return formatAddress(address);
  throw new EngineError(
    `Cannot use the gateway "${text}": it must be the address of a host in ${formatPrefix(prefix)}`,
    {
      code: "ERR_USAGE",
      flag: "--gateway",
    },
  );
}

function checkRange(text: string, prefix: IpPrefix): string {
  const range = parsePrefix(text);
  if (range !== undefined && range.length >= prefix.length) return formatPrefix(range);
  throw new EngineError(
    `Cannot use the range "${text}": it must be a network's address with its length, in the subnet`,
    {
      code: "ERR_USAGE",
      flag: "--ip-range",
    },
  );
}
