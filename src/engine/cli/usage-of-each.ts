import { formatList, formatValue, type ListRow } from "../base/format-template.ts";
import { humanSize, humanTotal } from "../base/human-size.ts";
import { shortId } from "../base/object-id.ts";
import { treeBytes } from "../container/container-size.ts";
import type { EngineContext } from "../container/engine-context.ts";
import { healthStatus } from "../container/health/health-state.ts";
import { recoverContainers, shownStatus } from "../container/recover.ts";
import { listContainers } from "../container/store.ts";
import { listVolumes, volumeData } from "../container/volumes.ts";
import { imageUsage } from "../image/image-usage.ts";
import { IMAGE_HEADERS, imageRow } from "./acts/images.ts";
import { CONTAINER_HEADERS, containerRow } from "./acts/ps.ts";

/** `system df --verbose`: a table for each kind of object or, with a format, all of them as one value. */
export async function usageOfEach(context: EngineContext, format: string | undefined): Promise<string> {
  const rows = { Images: imageRows(context), Containers: await containerRows(context), Volumes: volumeRows(context) };
  if (format !== undefined && format !== "" && format !== "table") return formatValue(rows, format);
  return [
    "Images space usage:\n",
    formatList(rows.Images, { format: undefined, usual: IMAGES, headers: IMAGE_USAGE_HEADERS }),
    "Containers space usage:\n",
    formatList(rows.Containers, { format: undefined, usual: CONTAINERS, headers: CONTAINER_HEADERS }),
    "Local Volumes space usage:\n",
    formatList(rows.Volumes, { format: undefined, usual: VOLUMES, headers: { Name: "VOLUME NAME" } }),
  ].join("\n");
}

const IMAGES =
  "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}";
const IMAGE_USAGE_HEADERS = { ...IMAGE_HEADERS, SharedSize: "SHARED SIZE", UniqueSize: "UNIQUE SIZE" };
const CONTAINERS =
  "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}";
const VOLUMES = "{{.Name}}\t{{.Links}}\t{{.Size}}";

function imageRows({ paths }: EngineContext): readonly ListRow[] {
  return imageUsage(paths).images.map(({ image, containers, sharedBytes, uniqueBytes }) => ({
    ...imageRow(image, false),
    Containers: String(containers),
    SharedSize: humanTotal(sharedBytes),
    UniqueSize: humanTotal(uniqueBytes),
  }));
}

async function containerRows(context: EngineContext): Promise<readonly ListRow[]> {
  const { paths, warn } = context;
  const rows: ListRow[] = [];
  for (const record of await recoverContainers(context, listContainers(paths, warn))) {
    const live = shownStatus(paths, record);
    const shown = { record, live, health: healthStatus(paths, record, live) };
    rows.push({ ID: shortId(record.id), ...(await containerRow(context, shown, { size: true })) });
  }
  return rows;
}

function volumeRows({ paths, warn }: EngineContext): readonly ListRow[] {
  const names = listContainers(paths, warn).flatMap(({ mounts }) => [...new Set(mounts.map(({ Name }) => Name))]);
  return listVolumes(paths, warn).map(({ Name }) => ({
    Name,
    Links: String(names.filter((name) => name === Name).length),
    Size: humanSize(treeBytes(volumeData(paths, Name))),
  }));
}
