import { EngineError } from "../base/errors.ts";
import { readHostPort } from "../network/port-spec.ts";
import type { PortMapping } from "../network/types.ts";
import type { ContainerConfig, HostConfig } from "./container-config.ts";

/** The ports to publish, from docker's shape; with --publish-all also every exposed one. */
export function ports(
  { ExposedPorts = {} }: ContainerConfig,
  { PortBindings, PublishAllPorts }: HostConfig,
): readonly PortMapping[] {
  const asked = Object.entries(PortBindings).flatMap(([key, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => ({
      ...portOf(key),
      ...readHostPort(HostPort),
      ...(HostIp !== "" && { hostIp: HostIp }),
    })),
  );
  if (!PublishAllPorts) return asked;
  return [
    ...asked,
    ...Object.keys(ExposedPorts)
      .filter((key) => PortBindings[key] === undefined)
      .map(portOf),
  ];
}

function portOf(key: string): Pick<PortMapping, "protocol" | "containerPort"> {
  const [port = "", protocol = "tcp"] = key.split("/");
  if (protocol !== "tcp" && protocol !== "udp") {
    throw new EngineError(`Cannot publish port ${key}: only tcp and udp ports can be`, {
      code: "ERR_NOT_SUPPORTED",
      flag: "--publish",
    });
  }
  return { protocol, containerPort: Number(port) };
}
