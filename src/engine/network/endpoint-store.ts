import { formatAddress, type IpAddress, parseAddress } from "../../base/ip-address.ts";
import { listDir, pathType, removeDir, unlink } from "../../sys/files.ts";
import { isRecord, isTexts, type JsonFormat, makeStore, readJson, writeJson } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import { addressPool, nextAddress, requestedAddress } from "./address-pool.ts";
import type { NetworkRecord } from "./types.ts";

/**
 * Who is attached to a network, with which addresses: at once its address management and what names are looked up in.
 * In `<run>/networks/<id>/endpoints.json`, because none of it outlives the machine's being up. Whoever reads to write
 * holds the network's lock.
 */
export interface NetworkMembers {
  /** The addresses that were handed out last: the search goes on behind them. */
  readonly last: readonly string[];
  readonly members: readonly Member[];
}

/** One container on a network. */
export interface Member {
  readonly containerId: string;
  /** The container's name. */
  readonly name: string;
  /** Further names, in the order of asking. */
  readonly aliases: readonly string[];
  /** Without prefix length. */
  readonly addresses: readonly string[];
  readonly mac: string;
  /** Where the names that are none of containers are looked up for it; empty: as the host does. */
  readonly dnsServers: readonly string[];
}

const NONE: NetworkMembers = { last: [], members: [] };

const FORMAT: JsonFormat<NetworkMembers> = { name: "endpoints file", version: 1, check };

export function membersDirectory({ run }: EnginePaths, networkId: string): string {
  return `${run}/networks/${networkId}`;
}

export function readMembers(paths: EnginePaths, networkId: string): NetworkMembers {
  return readJson(`${membersDirectory(paths, networkId)}/endpoints.json`, FORMAT) ?? NONE;
}

export function writeMembers(paths: EnginePaths, networkId: string, members: NetworkMembers): void {
  const directory = membersDirectory(paths, networkId);
  makeStore(directory);
  writeJson(`${directory}/endpoints.json`, members, FORMAT);
}

/** Chooses, or checks, an address of each of the network's subnets. Throws EngineError. */
export function allocateAddresses(
  network: NetworkRecord,
  { members, last }: NetworkMembers,
  asked: readonly string[],
): readonly IpAddress[] {
  const taken = new Set(members.flatMap(({ addresses }) => addresses));
  const lastAddresses = last.flatMap((text) => parseAddress(text) ?? []);
  return network.subnets.map((subnet) => {
    const pool = addressPool(subnet);
    const { family } = pool.prefix;
    const wanted = asked.find((text) => text.includes(":") === (family === 6));
    if (wanted !== undefined) return requestedAddress(pool, taken, wanted);
    return nextAddress(
      pool,
      taken,
      lastAddresses.find((address) => address.family === family),
    );
  });
}

/** With one more member, whose addresses become those handed out last unless they were asked for. */
export function withMember(before: NetworkMembers, member: Member, asked: readonly string[]): NetworkMembers {
  const chosen = member.addresses.filter((address) => !asked.some((text) => formatted(text) === address));
  const isV6 = (text: string): boolean => text.includes(":");
  const kept = before.last.filter((text) => !chosen.some((address) => isV6(address) === isV6(text)));
  return { last: [...kept, ...chosen], members: [...before.members, member] };
}

export function withoutMember(before: NetworkMembers, containerId: string): NetworkMembers {
  return { ...before, members: before.members.filter((member) => member.containerId !== containerId) };
}

function formatted(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

function check(value: unknown): NetworkMembers | undefined {
  if (!isRecord(value)) return undefined;
  const { last, members } = value;
  return isTexts(last) && Array.isArray(members) && members.every(isMember) ? { last, members } : undefined;
}

function isMember(value: unknown): value is Member {
  if (!isRecord(value)) return false;
  const { containerId, name, aliases, addresses, mac, dnsServers } = value;
  const texts = [containerId, name, mac].every((each) => typeof each === "string");
  return texts && isTexts(aliases) && isTexts(addresses) && isTexts(dnsServers);
}

/** Forgets a network's members, of which there are none. */
export function forgetMembers(paths: EnginePaths, networkId: string): void {
  const directory = membersDirectory(paths, networkId);
  if (pathType(directory) === undefined) return;
  for (const name of listDir(directory)) unlink(`${directory}/${name}`);
  removeDir(directory);
}
