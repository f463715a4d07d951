import { formatList } from "../../base/format-template.ts";
import { humanAgo, humanTime } from "../../base/human-time.ts";
import { shortId } from "../../base/object-id.ts";
import { commandOf } from "../../container/command-of.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import { healthStatus } from "../../container/health/health-state.ts";
import { asksForStopped, type FilteredContainer, matchesFilters } from "../../container/list-filter.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { recoverContainers, shownStatus } from "../../container/recover.ts";
import { liveStatuses } from "../../container/status.ts";
import { statusText } from "../../container/status-text.ts";
import { listContainers } from "../../container/store.ts";
import { awakened } from "../../container/while-paused.ts";
import type { EngineAct } from "../act.ts";
import type { EngineFlags } from "../call.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"ps"> = async ({ flags }, at) => {
  const context = engineContext(at);
  const all = await recoverContainers(context, listContainers(context.paths, at.warn));
  const shown = await chosen(context, all, flags);
  const idOf = ({ id }: ContainerRecord) => (flags["no-trunc"] ? id : shortId(id));
  if (flags.quiet) {
    if (flags.format !== undefined) at.warn("Ignoring custom format, because both --format and --quiet are set");
    at.print(shown.map(({ record }) => `${idOf(record)}\n`).join(""));
    return;
  }
  const rows = [];
  for (const one of shown) rows.push({ ID: idOf(one.record), ...(await containerRow(context, one, flags)) });
  if (flags.seed) {
    at.print(formatList(rows, SEED_TABLE));
    return;
  }
  const size = flags.size ? "\t{{.Size}}" : "";
  at.print(
    formatList(rows, {
      format: flags.format,
      usual: `{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}${size}`,
      headers: CONTAINER_HEADERS,
    }),
  );
};

export const CONTAINER_HEADERS = {
  ID: "CONTAINER ID",
  RunningFor: "CREATED",
  CreatedAt: "CREATED AT",
  LocalVolumes: "LOCAL VOLUMES",
};

/** The columns of the program that the book builds. */
const SEED_TABLE = {
  format: undefined,
  usual: "{{.ID}}\t{{.Names}}\t{{.Pid}}\t{{.State}}\t{{.Command}}\t{{.CreatedAt}}",
  headers: { Names: "NAME", State: "STATUS", CreatedAt: "CREATED" },
} as const;

async function chosen(
  context: EngineContext,
  all: readonly ContainerRecord[],
  flags: EngineFlags<"ps">,
): Promise<readonly FilteredContainer[]> {
  const { paths } = context;
  const matches = flags.filter.length === 0 ? () => true : await filterOf(context, all, flags.filter);
  const limit = flags.latest ? 1 : flags.last;
  const isAll = flags.all || limit > 0 || asksForStopped(flags.filter);
  const known: FilteredContainer[] = [];
  const lives = liveStatuses(paths, all);
  for (const [index, record] of all.entries()) {
    const live = await awakened(context, record, shownStatus(paths, record, lives[index]));
    known.push({ record, live, health: healthStatus(paths, record, live) });
  }
  const shown = known.filter(
    (one) => matches(one) && (isAll || ["running", "paused", "restarting"].includes(one.live.status)),
  );
  return limit > 0 ? shown.slice(0, limit) : shown;
}

async function filterOf({ paths }: EngineContext, all: readonly ContainerRecord[], filters: readonly string[]) {
  const { imageIdsOf } = await import("../image-ids.ts");
  return matchesFilters(filters, { all, imageIds: (word) => imageIdsOf(paths, word) });
}

const COMMAND_LENGTH = 20;

type RowFlags = Partial<Pick<EngineFlags<"ps">, "size" | "format" | "no-trunc">>;

/** A container's line, by docker's names of its columns. */
export async function containerRow(
  context: EngineContext,
  { record, live, health }: FilteredContainer,
  flags: RowFlags,
) {
  const { config, name, created, mounts, networking, hostConfig } = record;
  const now = Date.now();
  // Only who has words with spaces knows where they begin and end.
  const command = commandOf(config)
    .map((word) => (word.includes(" ") ? `'${word}'` : word))
    .join(" ");
  const cut =
    command.length > COMMAND_LENGTH && !flags["no-trunc"] ? `${command.slice(0, COMMAND_LENGTH - 1)}…` : command;
  return {
    Image: config.Image,
    Command: JSON.stringify(cut),
    CreatedAt: humanTime(created),
    RunningFor: humanAgo(created, now),
    State: live.status,
    Status: statusText(record, live, health, now),
    Pid: String(live.pid),
    Ports: live.pid === 0 ? "" : await portsText(context, record),
    Names: name,
    Labels: Object.entries(config.Labels)
      .map((label) => label.join("="))
      .join(","),
    Mounts: mounts.map((mount) => mount.Name ?? mount.Source).join(","),
    Label: (label: unknown) => config.Labels[String(label)] ?? "",
    LocalVolumes: String(mounts.filter(({ Type }) => Type === "volume").length),
    // docker's word for the image's, which its store of images does not tell.
    Platform: null,
    Networks: networking.networks.length === 0 ? hostConfig.NetworkMode : networking.networks.join(","),
    Size: asksForSize(flags) ? await sizeText(context, record) : "0B",
  };
}

/** It takes reading all that the container has written. */
function asksForSize({ size, format = "" }: RowFlags): boolean {
  return size === true || /\.Size\b/.test(format);
}

/** Only who publishes or exposes anything has to be asked for. */
async function portsText(context: EngineContext, record: ContainerRecord): Promise<string> {
  if (Object.keys(record.hostConfig.PortBindings).length === 0 && !record.hostConfig.PublishAllPorts) {
    return Object.keys(record.config.ExposedPorts ?? {}).join(", ");
  }
  const { publishedPorts } = await import("../../container/published-ports.ts");
  return (await publishedPorts(context.paths, record)).map(({ port, address }) => `${address}->${port}`).join(", ");
}

async function sizeText(context: EngineContext, record: ContainerRecord): Promise<string> {
  const { containerSizes } = await import("../../container/container-size.ts");
  const { humanSize } = await import("../../base/human-size.ts");
  const { SizeRw, SizeRootFs } = await containerSizes(context.paths, record);
  return `${humanSize(SizeRw)} (virtual ${humanSize(SizeRootFs)})`;
}
