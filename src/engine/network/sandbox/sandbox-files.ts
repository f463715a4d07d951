import { EngineError } from "../../base/errors.ts";
import { formatResolvConf, PUBLIC_SERVERS, type ResolvConf, withDnsFlags } from "../dns/resolv-conf.ts";
import type { Endpoint, SandboxFiles, SandboxRequest } from "../types.ts";

/** What of the host the files of a container are made from. */
export interface HostNameFacts {
  /** resolv.conf as the host has it, and as it can be used in another network namespace. */
  readonly own: ResolvConf;
  readonly reachable: ResolvConf;
  /** /etc/hosts. */
  readonly hosts: string;
}

/** A container's endpoint with what looks names up on its network. */
export interface NamedEndpoint {
  readonly endpoint: Endpoint;
  /** The addresses of the network's name server; empty on the default network, which has none. */
  readonly nameServers: readonly string[];
}

const LOCAL_HOSTS: readonly string[] = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::\tip6-localnet",
  "ff00::\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

/** What `--add-host NAME:host-gateway` stands for. */
const HOST_GATEWAY = "host-gateway";

/** The contents of /etc/hosts, /etc/hostname and /etc/resolv.conf. Pure. Throws EngineError. */
export function sandboxFiles(
  request: SandboxRequest,
  endpoints: readonly NamedEndpoint[],
  host: HostNameFacts,
): SandboxFiles {
  return {
    hostname: `${request.hostname}\n`,
    hosts: hostsFile(request, endpoints, host),
    resolvConf: resolvConfFile(request, endpoints, host),
  };
}

function hostsFile(request: SandboxRequest, endpoints: readonly NamedEndpoint[], host: HostNameFacts): string {
  const isHost = request.mode.kind === "host";
  const extra = request.extraHosts.map((text) => extraHost(text, endpoints, isHost));
  if (isHost) return `${host.hosts.replace(/\n*$/, "\n")}${lines(extra)}`;
  const own = endpoints.flatMap(({ endpoint: { address, address6 } }) =>
    [address, address6].flatMap((each) => (each === undefined ? [] : `${withoutLength(each)}\t${hostNames(request)}`)),
  );
  return lines([...LOCAL_HOSTS, ...extra, ...own]);
}

function hostNames({ hostname, domainname }: SandboxRequest): string {
  return domainname === undefined || domainname === "" ? hostname : `${hostname}.${domainname} ${hostname}`;
}

/** NAME:ADDRESS or NAME=ADDRESS, as docker takes both; an IPv6 address may be in brackets. */
function extraHost(text: string, endpoints: readonly NamedEndpoint[], isHost: boolean): string {
  const [, name = "", written = ""] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  if (name === "") {
    throw new EngineError(`Cannot use --add-host "${text}": it must be NAME:ADDRESS`, {
      code: "ERR_USAGE",
      flag: "--add-host",
    });
  }
  const address = written === HOST_GATEWAY ? hostGateway(endpoints, isHost) : written.replace(/^\[(.*)\]$/, "$1");
  if (address === undefined) {
    throw new EngineError(`Cannot use --add-host "${text}": without a network there is no gateway to the host`, {
      flag: "--add-host",
    });
  }
  return `${address}\t${name}`;
}

function hostGateway(endpoints: readonly NamedEndpoint[], isHost: boolean): string | undefined {
  if (isHost) return "127.0.0.1";
  return endpoints
    .map(({ endpoint }) => endpoint.gateway ?? endpoint.gateway6)
    .find((gateway) => gateway !== undefined);
}

function resolvConfFile(request: SandboxRequest, endpoints: readonly NamedEndpoint[], host: HostNameFacts): string {
  if (request.mode.kind === "host") return formatResolvConf(withDnsFlags(host.own, request.dns));
  const wanted = withDnsFlags(host.reachable, request.dns);
  const nameServers = endpoints.flatMap((endpoint) => endpoint.nameServers);
  // The name servers ask those of --dns themselves. What is not theirs to know has no dot: it is tried first.
  if (nameServers.length > 0) {
    const options = request.dns.options.length > 0 ? request.dns.options : [...wanted.options, "ndots:0"];
    return formatResolvConf({ ...wanted, servers: nameServers, options });
  }
  return formatResolvConf({ ...wanted, servers: wanted.servers.length > 0 ? wanted.servers : PUBLIC_SERVERS });
}

export function withoutLength(address: string): string {
  return address.replace(/\/.*$/, "");
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
