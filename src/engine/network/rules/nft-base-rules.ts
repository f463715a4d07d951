import { familyOf, type NetworkRules } from "./network-rules.ts";

/**
 * The rules of this engine, as a script of nft(8) that one transaction carries out. All of them are in a table of their
 * own, in which networks and published ports are elements of sets and maps: to add or to remove one names its key and
 * touches nothing else.
 *
 *     packet to an address of the host ─▶ published ─vmap by address, protocol, port─▶ chain of the container: dnat
 *     packet of a container to elsewhere ─▶ postrouting: masquerade
 *     packet between networks ─▶ forward: only answers, published ports, and the way out
 *
 * Source: nft(8).
 */
export const TABLE = "inet mydocker";

const SETS: readonly (readonly [kind: "set" | "map", name: string, type: string])[] = [
  // The devices of our bridges; as pairs, a bridge with itself; and those without a way out.
  ["set", "bridges", "type ifname;"],
  ["set", "same", "type ifname . ifname;"],
  ["set", "internal", "type ifname;"],
  // The addresses that leave as the host's.
  ["set", "subnets4", "type ipv4_addr; flags interval;"],
  ["set", "subnets6", "type ipv6_addr; flags interval;"],
  // Published ports: of one address of the host, and of all.
  ["map", "host4", "type ipv4_addr . inet_proto . inet_service : verdict;"],
  ["map", "host6", "type ipv6_addr . inet_proto . inet_service : verdict;"],
  ["map", "any4", "type inet_proto . inet_service : verdict;"],
  ["map", "any6", "type inet_proto . inet_service : verdict;"],
  // Where name servers listen, so that a published port 53 is not asked instead; and those that have another port.
  ["set", "names4", "type ipv4_addr;"],
  ["set", "names6", "type ipv6_addr;"],
  ["map", "redirected4", "type ipv4_addr . inet_proto : ipv4_addr . inet_service;"],
  ["map", "redirected6", "type ipv6_addr . inet_proto : ipv6_addr . inet_service;"],
];

/** A chain with its hook, if it has one, and its rules. */
const CHAINS: readonly (readonly [name: string, hook: string, rules: readonly string[]])[] = [
  [
    "published",
    "",
    [
      "ip daddr . meta l4proto . th dport vmap @host4",
      "ip6 daddr . meta l4proto . th dport vmap @host6",
      "meta nfproto ipv4 meta l4proto . th dport vmap @any4",
      "meta nfproto ipv6 meta l4proto . th dport vmap @any6",
    ],
  ],
  // route_localnet lets the host reach containers from 127.0.0.1; it must not let containers reach the host's.
  ["guard", "type filter hook prerouting priority raw;", ["iifname @bridges ip daddr 127.0.0.0/8 drop"]],
  [
    "prerouting",
    "type nat hook prerouting priority dstnat;",
    [
      "iifname @bridges th dport 53 dnat ip to ip daddr . meta l4proto map @redirected4",
      "iifname @bridges th dport 53 dnat ip6 to ip6 daddr . meta l4proto map @redirected6",
      "iifname @bridges ip daddr @names4 th dport 53 return",
      "iifname @bridges ip6 daddr @names6 th dport 53 return",
      "fib daddr type local meta l4proto { tcp, udp } jump published",
    ],
  ],
  [
    "output",
    "type nat hook output priority -100;",
    // No packet leaves with the source ::1: the port proxy answers there.
    ["ip6 daddr ::1 return", "fib daddr type local meta l4proto { tcp, udp } jump published"],
  ],
  [
    "postrouting",
    "type nat hook postrouting priority srcnat;",
    [
      "oifname @bridges ip saddr 127.0.0.0/8 masquerade",
      // From a container to a published port of one on the same bridge, or its own: the answer has to come back here.
      "oifname @bridges ct status dnat ip saddr @subnets4 masquerade",
      "oifname @bridges ct status dnat ip6 saddr @subnets6 masquerade",
      "oifname != @bridges ip saddr @subnets4 masquerade",
      "oifname != @bridges ip6 saddr @subnets6 masquerade",
    ],
  ],
  [
    "forward",
    "type filter hook forward priority filter;",
    [
      "ct state established,related accept",
      "iifname . oifname @same accept",
      "iifname @internal drop",
      "oifname @internal drop",
      "oifname @bridges ct status dnat accept",
      "oifname @bridges drop",
    ],
  ],
];

/** Makes the table what it must be, whatever it was, without a moment in between. Elements and containers' chains stay. */
export function baseRules(): readonly string[] {
  return [
    `add table ${TABLE}`,
    ...SETS.map(([kind, name, type]) => `add ${kind} ${TABLE} ${name} { ${type} }`),
    ...CHAINS.map(([name, hook]) => `add chain ${TABLE} ${name}${hook === "" ? "" : ` { ${hook} policy accept; }`}`),
    ...CHAINS.map(([name]) => `flush chain ${TABLE} ${name}`),
    ...CHAINS.flatMap(([name, , rules]) => rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`)),
  ];
}

/** What belongs to one network: [set, element]. */
function networkElements({
  name,
  bridge,
  subnets,
  internal,
  nameServers,
}: NetworkRules): readonly (readonly [set: string, element: string])[] {
  const comment = `comment "network ${name}"`;
  const sources = subnets.map((subnet) => [`subnets${familyOf(subnet)}`, `${subnet} ${comment}`] as const);
  return [
    ["bridges", `"${bridge}" ${comment}`],
    ["same", `"${bridge}" . "${bridge}" ${comment}`],
    ...nameServers.map((address) => [`names${familyOf(address)}`, `${address} ${comment}`] as const),
    ...(internal ? [["internal", `"${bridge}" ${comment}`] as const] : sources),
  ];
}

export function addNetworkRules(network: NetworkRules): readonly string[] {
  return networkElements(network).map(([set, element]) => `add element ${TABLE} ${set} { ${element} }`);
}

/** Adding first makes removing what is gone no failure. */
export function removeNetworkRules(network: NetworkRules): readonly string[] {
  const removals = networkElements(network).map(
    ([set, element]) => `delete element ${TABLE} ${set} { ${element.replace(/ comment .*$/, "")} }`,
  );
  return [...baseRules(), ...addNetworkRules(network), ...removals];
}

const PROTOCOLS = ["udp", "tcp"] as const;

/** Leads what is asked of port 53 of a network's name server to another port. */
export function redirectNameRules({ nameServers }: NetworkRules, port: number): readonly string[] {
  return nameServers.flatMap((address) =>
    PROTOCOLS.map((protocol) => {
      const value = `${address} . ${protocol} : ${address} . ${port}`;
      return `add element ${TABLE} redirected${familyOf(address)} { ${value} }`;
    }),
  );
}

/** Takes it back. */
export function stopRedirectRules({ nameServers }: NetworkRules): readonly string[] {
  return nameServers.flatMap((address) =>
    PROTOCOLS.map((protocol) => `delete element ${TABLE} redirected${familyOf(address)} { ${address} . ${protocol} }`),
  );
}
