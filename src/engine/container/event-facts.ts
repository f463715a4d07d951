import { driverName } from "../network/built-in-networks.ts";
import type { NetworkRecord } from "../network/types.ts";
import type { EngineEvent } from "./events.ts";
import type { ContainerRecord } from "./record.ts";

/** What an event tells but for its time. The attributes are docker's. */
export type EventFacts = Pick<EngineEvent, "Type" | "Action" | "Actor">;

type Attributes = Readonly<Record<string, string>>;

export function containerEvent(
  { id, name, config }: ContainerRecord,
  action: string,
  more: Attributes = {},
): EventFacts {
  const Attributes = { ...config.Labels, image: config.Image, name, ...more };
  return { Type: "container", Action: action, Actor: { ID: id, Attributes } };
}

/** What events tell of a network. */
export type EventNetwork = Pick<NetworkRecord, "id" | "name" | "driver">;

/** `more` names the container that is connected or disconnected. */
export function networkEvent({ id, name, driver }: EventNetwork, action: string, more: Attributes = {}): EventFacts {
  return {
    Type: "network",
    Action: action,
    Actor: { ID: id, Attributes: { ...more, name, type: driverName(driver) } },
  };
}

export function volumeEvent(name: string, action: string, more: Attributes = {}): EventFacts {
  return { Type: "volume", Action: action, Actor: { ID: name, Attributes: { ...more, driver: "local" } } };
}

/** A container has been put on its networks and got its volumes. */
export function beginningEvents(
  { id, mounts }: ContainerRecord,
  networks: readonly EventNetwork[],
): readonly EventFacts[] {
  return [
    ...networks.map((network) => networkEvent(network, "connect", { container: id })),
    ...mounts.flatMap(({ Name, Destination: destination, Propagation: propagation, RW }) =>
      Name === undefined
        ? []
        : [volumeEvent(Name, "mount", { container: id, destination, propagation, "read/write": String(RW) })],
    ),
  ];
}

/** It has given them back. */
export function endingEvents(
  { id, mounts }: ContainerRecord,
  networks: readonly EventNetwork[],
): readonly EventFacts[] {
  return [
    ...networks.map((network) => networkEvent(network, "disconnect", { container: id })),
    ...mounts.flatMap(({ Name }) => (Name === undefined ? [] : [volumeEvent(Name, "unmount", { container: id })])),
  ];
}
