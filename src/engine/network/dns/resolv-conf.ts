import type { DnsOptions } from "../types.ts";

/** What a resolv.conf says. Source: resolv.conf(5). */
export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** The last "search" or "domain" counts; what else there is has no meaning in a container. */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const values = (keyword: string): readonly (readonly string[])[] =>
    lines.filter(([first]) => first === keyword).map(([, ...rest]) => rest);
  const search = lines.filter(([first]) => first === "search" || first === "domain").at(-1);
  return {
    servers: values("nameserver").flatMap(([server]) => server ?? []),
    search: search?.slice(1) ?? [],
    options: values("options").flat(),
  };
}

export function formatResolvConf({ servers, search, options }: ResolvConf): string {
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length === 0 ? [] : [`search ${search.join(" ")}`]),
    ...(options.length === 0 ? [] : [`options ${options.join(" ")}`]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** What the flags say goes before what the host says; `--dns-search .` means none. */
export function withDnsFlags(host: ResolvConf, { servers, search, options }: DnsOptions): ResolvConf {
  return {
    servers: servers.length > 0 ? servers : host.servers,
    search: search.length > 0 ? search.filter((domain) => domain !== ".") : host.search,
    options: options.length > 0 ? options : host.options,
  };
}

/** Where names can be looked up from another network namespace, when the host's only server is one of its own. */
export const PUBLIC_SERVERS = ["8.8.8.8", "8.8.4.4"] as const;

/** Without the servers that only the host itself reaches. */
export function withoutLocalServers(servers: readonly string[]): readonly string[] {
  return servers.filter((server) => !/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(server) && !/%/.test(server));
}
