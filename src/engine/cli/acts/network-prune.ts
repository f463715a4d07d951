import { networkEvent } from "../../container/event-facts.ts";
import { noteEvents } from "../../container/events.ts";
import { meetsFilters } from "../../container/prune.ts";
import { pruneNetworks } from "../../network/remove-network.ts";
import type { EngineAct } from "../act.ts";
import { confirm } from "../confirm.ts";
import { enginePathsOf } from "../engine-paths.ts";

const WARNING = "WARNING! This will remove all custom networks not used by at least one container.";

export const act: EngineAct<"network prune"> = async ({ flags: { force, filter } }, at) => {
  // Also where there is no network that they could be asked of.
  for (const each of filter) meetsFilters([each], new Date().toISOString(), {});
  if (!force && !confirm(at, WARNING)) return;
  const paths = enginePathsOf(at);
  const removed = await pruneNetworks(paths, ({ created, labels }) => meetsFilters(filter, created, labels));
  noteEvents(paths, ...removed.map((network) => networkEvent(network, "destroy")));
  if (removed.length > 0) at.print(`Deleted Networks:\n${removed.map(({ name }) => `${name}\n`).join("")}`);
};
