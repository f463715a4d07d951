import { addressBytes, parseAddress } from "../../../base/ip-address.ts";
import { shortId } from "../../base/object-id.ts";
import type { Member } from "../endpoint-store.ts";

/** What one network's name server answers from. */
export interface NameTableInput {
  readonly network: string;
  readonly members: readonly Member[];
  /** The other networks with names of those who are members here: they may ask for these as well. */
  readonly others: readonly { readonly network: string; readonly members: readonly Member[] }[];
  /** Where other names are looked up: the host's servers. Empty for a network without a way out. */
  readonly servers: readonly string[];
  readonly internal: boolean;
}

/** The table of native/dns.h as text. */
export function nameTable(input: NameTableInput): string {
  return [
    ...input.members.flatMap((member) => nameLines("*", member, input.network)),
    ...input.members.flatMap((asker) => linesFor(asker, input)),
    ...(input.internal ? [] : input.servers.map((server) => `s * ${hex(server)}`)),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** What is for one member only: who is on its other networks and not on this one, and its own servers. */
function linesFor(asker: Member, { members: here, others, internal }: NameTableInput): readonly string[] {
  const isHere = ({ containerId }: Member): boolean => here.some((member) => member.containerId === containerId);
  const shared = others.filter(({ members }) => members.some(({ containerId }) => containerId === asker.containerId));
  return asker.addresses
    .map(hex)
    .flatMap((scope) => [
      ...shared.flatMap(({ network, members }) =>
        members.flatMap((member) => (isHere(member) ? [] : nameLines(scope, member, network))),
      ),
      ...(internal ? [] : asker.dnsServers.map((server) => `s ${scope} ${hex(server)}`)),
    ]);
}

function nameLines(scope: string, member: Member, network: string): readonly string[] {
  const names = namesOf(member).map((name) => name.toLowerCase());
  const all = [...names, ...names.map((name) => `${name}.${network.toLowerCase()}`)];
  return member.addresses.map((address) => `n ${scope} ${hex(address)} ${all.join(" ")}`);
}

/** A container's name, what it is called besides, and the beginning of its id. */
export function namesOf({ name, aliases, containerId }: Member): readonly string[] {
  return [...new Set([name, ...aliases, shortId(containerId)])];
}

function hex(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? "" : Buffer.from(addressBytes(address)).toString("hex");
}
