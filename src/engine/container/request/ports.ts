import { hostPortText, parseExpose, parsePublish, portKey } from "../../network/port-spec.ts";
import type { PortBinding } from "../container-config.ts";

/** What `-p` says, as docker's PortBindings: "80/tcp" → where it is bound. Throws EngineError. */
export function parsePorts(texts: readonly string[]): Readonly<Record<string, readonly PortBinding[]>> {
  const bindings: Record<string, PortBinding[]> = {};
  for (const port of texts.flatMap(parsePublish)) {
    const binding = { HostIp: port.hostIp ?? "", HostPort: hostPortText(port) };
    const key = portKey(port);
    bindings[key] = [...(bindings[key] ?? []), binding];
  }
  return bindings;
}

/** What `--expose` says, as docker's keys: "80/tcp". Throws EngineError. */
export function parseExposed(texts: readonly string[]): readonly string[] {
  return texts.flatMap(parseExpose).map(portKey);
}
