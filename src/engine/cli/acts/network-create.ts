import { networkEvent } from "../../container/event-facts.ts";
import { noteEvents } from "../../container/events.ts";
import { createNetwork } from "../../network/create-network.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network create"> = async ({ args: [name], flags }, at) => {
  const paths = enginePathsOf(at);
  const network = await createNetwork(paths, {
    name,
    driver: flags.driver ?? "bridge",
    subnets: flags.subnet,
    gateways: flags.gateway,
    ipRanges: flags["ip-range"],
    internal: flags.internal,
    ipv6: flags.ipv6,
    labels: pairs(flags.label),
    options: pairs(flags.opt),
  });
  noteEvents(paths, networkEvent(network, "create"));
  at.print(`${network.id}\n`);
};

/** "key=value", or "key" for an empty value. */
function pairs(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key = "", ...value] = text.split("=");
      return [key, value.join("=")];
    }),
  );
}
