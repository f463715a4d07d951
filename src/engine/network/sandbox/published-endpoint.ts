import type { PublishedPorts } from "../rules/published-ports.ts";
import type { Endpoint } from "../types.ts";
import { withoutLength } from "./sandbox-files.ts";
import type { SandboxRecord } from "./sandbox-record.ts";

/** Where published ports lead: the first endpoint on a bridge with a way out. */
export function publishedEndpoint({ endpoints }: Pick<SandboxRecord, "endpoints">): Endpoint | undefined {
  return endpoints.find(
    ({ hostDevice, gateway, gateway6 }) => hostDevice !== undefined && (gateway ?? gateway6) !== undefined,
  );
}

/** What the rules of a sandbox's ports are made from. */
export function publishedPorts(record: SandboxRecord): PublishedPorts {
  const { containerId, request, ports } = record;
  const published = publishedEndpoint(record);
  const [address4, address6] = [published?.address, published?.address6].map((text) => text && withoutLength(text));
  return { containerId, containerName: request.name, ports, address4, address6 };
}
