import type { PublishedPort } from "../types.ts";
import type { NetworkRules } from "./network-rules.ts";
import type { PublishedPorts } from "./published-ports.ts";

/** Writes the rules of networks and published ports, each change at once or, with an EngineError, not at all. */
export interface Firewall {
  readonly name: "nftables" | "iptables";
  readonly addNetwork: (network: NetworkRules) => void;
  readonly removeNetwork: (network: NetworkRules) => void;
  /** What a network's containers ask of port 53 of its name server goes to this port; undefined: to 53 again. */
  readonly redirectNames: (network: NetworkRules, port: number | undefined) => void;
  readonly publish: (network: NetworkRules, published: PublishedPorts) => void;
  /** Does nothing where the container has no rules. */
  readonly unpublish: (published: PublishedPorts) => void;
  readonly look: () => RulesInForce;
}

/** The rules as they are now. */
export interface RulesInForce {
  /** Those by which one port of a container is reached. */
  readonly portRules: (published: PublishedPorts, port: PublishedPort) => readonly string[];
  /** What a container's packets meet, in the order in which one from outside does. */
  readonly chains: (containerId: string, hasPorts: boolean) => readonly ShownChain[];
  readonly foreignDrops: readonly ForeignDrop[];
}

export interface ShownChain {
  readonly chain: string;
  readonly text: string;
}

/** A chain of others that drops what no rule of theirs lets pass, such as docker's FORWARD. */
export interface ForeignDrop {
  readonly hook: "forward" | "input";
  /** "table ip filter, chain FORWARD (policy drop)". */
  readonly chain: string;
}
