import { readTextIfExists } from "../../../sys/files.ts";
import { parseResolvConf, type ResolvConf, withoutLocalServers } from "./resolv-conf.ts";

const FILE = "/etc/resolv.conf";

/** What systemd-resolved was told, where /etc/resolv.conf names only its own address 127.0.0.53. Source: systemd-resolved(8). */
const BEHIND_STUB = "/run/systemd/resolve/resolv.conf";

/** As the host itself looks names up. */
export function hostResolvConf(): ResolvConf {
  return parseResolvConf(readTextIfExists(FILE) ?? "");
}

/** As it can be done from another network namespace: the servers may be none. */
export function reachableResolvConf(): ResolvConf {
  const own = hostResolvConf();
  const servers = withoutLocalServers(own.servers);
  if (servers.length > 0) return { ...own, servers };
  const behind = own.servers.length > 0 ? readTextIfExists(BEHIND_STUB) : undefined;
  return { ...own, servers: withoutLocalServers(parseResolvConf(behind ?? "").servers) };
}
