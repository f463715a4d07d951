import { EngineError } from "../../base/errors.ts";
import { humanSize } from "../../base/human-size.ts";
import { networkEvent } from "../../container/event-facts.ts";
import { noteEvents } from "../../container/events.ts";
import { meetsFilters, pruneContainers, pruneVolumes } from "../../container/prune.ts";
import { pruneFilter } from "../../image/image-filter.ts";
import { pruneImages } from "../../image/prune-images.ts";
import { pruneNetworks } from "../../network/remove-network.ts";
import type { EngineAct } from "../act.ts";
import { confirm } from "../confirm.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"system prune"> = async ({ flags: { all, force, volumes, filter } }, at) => {
  if (volumes && filter.some((one) => one.startsWith("until=")))
    throw new EngineError('The "until" filter is not supported with "--volumes"', { code: "ERR_USAGE" });
  const matches = pruneFilter(filter);
  if (!force && !confirm(at, warning(all, volumes))) return;
  const context = engineContext(at);
  // What containers hold is free once they are gone.
  const containers = await pruneContainers(context, filter);
  const networks = await pruneNetworks(context.paths, ({ created, labels }) => meetsFilters(filter, created, labels));
  noteEvents(context.paths, ...networks.map((network) => networkEvent(network, "destroy")));
  const unused = volumes ? await pruneVolumes(context, false, filter) : { names: [], bytes: 0 };
  const images = await pruneImages(context.paths, { all, matches });
  const imageLines = [
    ...images.untagged.map((name) => `untagged: ${name}`),
    ...images.deleted.map((digest) => `deleted: ${digest}`),
  ];
  for (const [kind, lines] of [
    ["Containers", containers.names],
    ["Networks", networks.map(({ name }) => name)],
    ["Volumes", unused.names],
    ["Images", imageLines],
  ] as const) {
    if (lines.length > 0) at.print(`Deleted ${kind}:\n${lines.map((line) => `${line}\n`).join("")}\n`);
  }
  at.print(`Total reclaimed space: ${humanSize(containers.bytes + unused.bytes + images.freedBytes)}\n`);
};

function warning(all: boolean, volumes: boolean): string {
  const kinds = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(volumes ? ["all anonymous volumes not used by at least one container"] : []),
    all ? "all images without at least one container associated to them" : "all dangling images",
  ];
  return `WARNING! This will remove:\n${kinds.map((kind) => `  - ${kind}\n`).join("")}`;
}
