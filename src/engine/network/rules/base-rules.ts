import type { NetworkRecord } from "../types.ts";

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
    ["fib daddr type local meta l4proto { tcp, udp } jump published"],
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

/** What belongs to one network with a bridge: [set, element]. */
function networkElements(network: NetworkRecord, bridge: string): readonly (readonly [set: string, element: string])[] {
  const comment = `comment "network ${network.name}"`;
  const sources = network.subnets.map(
    ({ subnet }) => [subnet.includes(":") ? "subnets6" : "subnets4", `${subnet} ${comment}`] as const,
  );
  return [
    ["bridges", `"${bridge}" ${comment}`],
    ["same", `"${bridge}" . "${bridge}" ${comment}`],
    ...(network.internal ? [["internal", `"${bridge}" ${comment}`] as const] : sources),
  ];
}

export function addNetworkRules(network: NetworkRecord, bridge: string): readonly string[] {
  return networkElements(network, bridge).map(([set, element]) => `add element ${TABLE} ${set} { ${element} }`);
}

/** Adding first makes removing what is gone no failure. */
export function removeNetworkRules(network: NetworkRecord, bridge: string): readonly string[] {
  const removals = networkElements(network, bridge).map(
    ([set, element]) => `delete element ${TABLE} ${set} { ${element.replace(/ comment .*$/, "")} }`,
  );
  return [...baseRules(), ...addNetworkRules(network, bridge), ...removals];
}
