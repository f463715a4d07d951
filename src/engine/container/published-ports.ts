import type { EnginePaths } from "../base/paths.ts";
import { describeSandbox } from "../network/index.ts";
import type { ContainerRecord } from "./record.ts";

export interface ShownPort {
  /** "80/tcp". */
  readonly port: string;
  /** "0.0.0.0:8080". */
  readonly address: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** The ports of a running container that are reachable on the host. */
export async function publishedPorts(paths: EnginePaths, { id }: ContainerRecord): Promise<readonly ShownPort[]> {
  const sandbox = await describeSandbox(paths, id);
  return (sandbox?.ports ?? []).map(({ containerPort, protocol, hostIp = "0.0.0.0", hostPort }) => ({
    port: `${containerPort}/${protocol}`,
    address: `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:${hostPort}`,
    hostIp,
    hostPort,
  }));
}
