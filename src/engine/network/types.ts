/** The model of container networks: sandbox, endpoint, network. Source: libnetwork's container network model (CNM). */

/** What decides how containers of a network are attached. */
export const NETWORK_DRIVERS = ["bridge", "macvlan", "none", "host"] as const;

export type NetworkDriver = (typeof NETWORK_DRIVERS)[number];

/** A range of addresses of a network; all in CIDR notation or as addresses, already checked. */
export interface Subnet {
  readonly subnet: string;
  readonly gateway: string;
  /** What containers get their addresses from, where it is not the whole subnet. */
  readonly ipRange?: string;
}

/** A network: what `network create` makes. Stored in `<root>/networks/<id>/network.json`. */
export interface NetworkRecord {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  /** RFC 3339. */
  readonly created: string;
  /** At most one of IPv4 and one of IPv6. */
  readonly subnets: readonly Subnet[];
  /** Without a way out, and none in. */
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** The bridge, or macvlan's parent. */
  readonly device?: string;
}

/** `container:ID` is resolved by the caller: it knows the containers. */
export type NetworkMode =
  | { readonly kind: "none" }
  | { readonly kind: "host" }
  | { readonly kind: "container"; readonly containerId: string }
  | { readonly kind: "networks"; readonly networks: readonly EndpointRequest[] };

/** One network that a container asks for. */
export interface EndpointRequest {
  /** Name, id or the beginning of an id; "bridge" is the default network. */
  readonly network: string;
  readonly ip?: string;
  readonly ip6?: string;
  readonly mac?: string;
  /** Further names of the container on this network. */
  readonly aliases: readonly string[];
}

export type PortProtocol = "tcp" | "udp";

/** One published port. */
export interface PortMapping {
  readonly protocol: PortProtocol;
  readonly containerPort: number;
  /** Absent: a free one is chosen. */
  readonly hostPort?: number;
  /** The first free one from hostPort to this is chosen. */
  readonly hostPortLast?: number;
  /** Absent: every address of the host. */
  readonly hostIp?: string;
}

/** A published port whose host port is settled. */
export interface PublishedPort extends Omit<PortMapping, "hostPortLast"> {
  readonly hostPort: number;
}

export interface DnsOptions {
  readonly servers: readonly string[];
  readonly options: readonly string[];
  readonly search: readonly string[];
}

export interface SandboxRequest {
  readonly containerId: string;
  readonly name: string;
  readonly hostname: string;
  readonly domainname?: string;
  readonly mode: NetworkMode;
  readonly ports: readonly PortMapping[];
  readonly dns: DnsOptions;
  /** `--add-host NAME:ADDRESS`; the address may be "host-gateway". */
  readonly extraHosts: readonly string[];
}

/** A container's attachment to one network. */
export interface Endpoint {
  readonly networkId: string;
  readonly network: string;
  readonly driver: NetworkDriver;
  /** The device in the container, such as "eth0", and its other end on the host. */
  readonly device: string;
  readonly hostDevice?: string;
  readonly mac: string;
  /** With prefix length, such as "172.17.0.2/16". */
  readonly address?: string;
  readonly address6?: string;
  readonly gateway?: string;
  readonly gateway6?: string;
  readonly aliases: readonly string[];
}

/** Which network namespace the container gets. */
export type SandboxNamespace =
  /** Made and bound: config.json names the path. */
  | { readonly kind: "path"; readonly path: string }
  /** The runtime makes an empty one. */
  | { readonly kind: "new" }
  /** The host's. */
  | { readonly kind: "host" }
  /** That of another container: its sandbox's path, where it has one, else the caller takes /proc/PID/ns/net. */
  | { readonly kind: "container"; readonly containerId: string; readonly path?: string };

/** The contents of files that are mounted into the container. */
export interface SandboxFiles {
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
}

/** A sandbox: the network namespace of a container with what is in it. */
export interface SandboxResult {
  readonly namespace: SandboxNamespace;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly PublishedPort[];
  /** Absent for `container:ID`, which shares that container's files. */
  readonly files?: SandboxFiles;
}
