import {
  addressBits,
  formatAddress,
  type IpAddress,
  type IpPrefix,
  lastAddress,
  parseAddress,
  parsePrefix,
  prefixContains,
} from "../../base/ip-address.ts";
import { EngineError } from "../base/errors.ts";
import type { Subnet } from "./types.ts";

/** The addresses of a subnet as values: what a container can have, and which is next. */
export interface AddressPool {
  readonly prefix: IpPrefix;
  readonly gateway: IpAddress;
  /** What addresses are handed out from, as text: the subnet, or the part of it that was asked for. */
  readonly range: string;
  /** The first and the last address that is handed out. */
  readonly first: bigint;
  readonly last: bigint;
}

/** Addresses that are in use, in their usual notation. */
export type TakenAddresses = { readonly has: (address: string) => boolean };

/** The record is checked where it is made, and read with a schema. */
export function addressPool({ subnet, gateway, ipRange }: Subnet): AddressPool {
  const prefix = parsePrefix(subnet);
  const gatewayAddress = parseAddress(gateway);
  const range = ipRange === undefined ? prefix : parsePrefix(ipRange);
  if (prefix === undefined || gatewayAddress === undefined || range === undefined) {
    throw new EngineError(`Cannot use the subnet "${subnet}" with gateway "${gateway}": they are no addresses`, {
      code: "ERR_STATE_CORRUPT",
    });
  }
  const usable = usableAddresses(prefix);
  const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
  return {
    prefix,
    gateway: gatewayAddress,
    range: ipRange ?? subnet,
    first: larger(usable.first, range.value),
    last: smaller(usable.last, lastAddress(range).value),
  };
}

/** Without the network's own address and, in IPv4, that of broadcast. Source: RFC 1122, 3.2.1.3; RFC 4291, 2.6.1. */
export function usableAddresses(prefix: IpPrefix): { readonly first: bigint; readonly last: bigint } {
  const last = lastAddress(prefix).value;
  return { first: prefix.value + 1n, last: prefix.family === 4 ? last - 1n : last };
}

/**
 * The next free address after the one that was handed out last, from the start again after the end: an address that
 * was just freed is not used again at once, because neighbours remember its hardware address. Throws EngineError.
 */
export function nextAddress(pool: AddressPool, taken: TakenAddresses, previous: IpAddress | undefined): IpAddress {
  const { first, last } = pool;
  const size = last - first + 1n;
  const start = previous === undefined ? first : previous.value + 1n;
  for (let step = 0n; step < size; step++) {
    const value = first + ((((start - first + step) % size) + size) % size);
    const address: IpAddress = { family: pool.prefix.family, value };
    if (value !== pool.gateway.value && !taken.has(formatAddress(address))) return address;
  }
  throw new EngineError(`Cannot give the container an address: none of "${pool.range}" is free`, {
    fix: "remove containers, or make a network with a larger subnet or range",
  });
}

/** Checks an address that was asked for. Throws EngineError. */
export function requestedAddress(pool: AddressPool, taken: TakenAddresses, text: string): IpAddress {
  const refuse = (why: string): EngineError =>
    new EngineError(`Cannot give the container the address "${text}": ${why}`);
  const address = parseAddress(text);
  if (address?.family !== pool.prefix.family) throw refuse(`it is no IPv${pool.prefix.family} address`);
  const usable = usableAddresses(pool.prefix);
  if (!prefixContains(pool.prefix, address) || address.value < usable.first || address.value > usable.last) {
    throw refuse(`it is none of the network's subnet ${formatAddress(pool.prefix)}/${pool.prefix.length}`);
  }
  if (address.value === pool.gateway.value) throw refuse("it is the network's gateway");
  if (taken.has(formatAddress(address))) throw refuse("it is in use");
  return address;
}

/** The hardware address that goes with an address, so that it is the same again: 02:42 and the last four bytes. */
export function macOf(address: IpAddress): string {
  const bits = addressBits(address.family) === 32 ? address.value : address.value & 0xffffffffn;
  const bytes = [2n, 0x42n, bits >> 24n, (bits >> 16n) & 255n, (bits >> 8n) & 255n, bits & 255n];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}
