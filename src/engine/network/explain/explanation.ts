import type { Endpoint, PublishedPort } from "../types.ts";

/** What a container's packets go through, as it is now, and what is wrong with it. */
export interface Explanation {
  readonly containerId: string;
  readonly name: string;
  readonly namespace: string;
  readonly endpoints: readonly ExplainedEndpoint[];
  /** What carries an ordinary user's packets, pasta or slirp4netns; absent where bridges and rules do. */
  readonly userProgram?: { readonly isRunning: boolean };
  /** The routes inside the container. */
  readonly routes: readonly string[];
  readonly ports: readonly ExplainedPort[];
  /** The rules that these packets meet, chain by chain. */
  readonly rules: readonly { readonly chain: string; readonly text: string }[];
  /** Settings of the host that have a say: "net.ipv4.ip_forward = 1". */
  readonly settings: readonly string[];
  /** What keeps packets from arriving. */
  readonly problems: readonly string[];
}

export interface ExplainedEndpoint {
  readonly endpoint: Endpoint;
  /** From the inside to the outside. */
  readonly devices: readonly ExplainedDevice[];
  /** Where names are looked up, on a network that has a server. */
  readonly nameServer?: { readonly addresses: readonly string[]; readonly isRunning: boolean };
  readonly isInternal: boolean;
}

export interface ExplainedDevice {
  readonly name: string;
  readonly where: "container" | "host";
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly isUp: boolean;
  readonly addresses: readonly string[];
}

export interface ExplainedPort {
  readonly port: PublishedPort;
  readonly target: string;
  /** The rules in force that lead there. */
  readonly rules: readonly string[];
  readonly isProxyRunning: boolean;
}
