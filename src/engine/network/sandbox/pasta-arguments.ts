import { specificAddress } from "../rules/published-ports.ts";
import type { PortProtocol, PublishedPort } from "../types.ts";

/**
 * The arguments of pasta(1): the network namespace is that of the path, and the user namespace its own; only published ports come in, nothing listens in
 * the container for the host's sake, and the host's loopback cannot be reached from it.
 */
export function pastaArguments(pidFile: string, ports: readonly PublishedPort[], netns: string): readonly string[] {
  return [
    "--quiet",
    "--config-net",
    "--no-map-gw",
    "--pid",
    pidFile,
    ...portArguments("-t", "tcp", ports),
    ...portArguments("-u", "udp", ports),
    ...["-T", "none", "-U", "none"],
    ...["--netns", netns],
  ];
}

function portArguments(flag: string, protocol: PortProtocol, ports: readonly PublishedPort[]): readonly string[] {
  const wanted = ports.filter((port) => port.protocol === protocol);
  if (wanted.length === 0) return [flag, "none"];
  return wanted.flatMap((port) => {
    const address = specificAddress(port);
    return [flag, `${address === undefined ? "" : `${address}/`}${port.hostPort}:${port.containerPort}`];
  });
}
