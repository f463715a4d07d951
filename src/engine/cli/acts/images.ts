import { formatList, type ListRow } from "../../base/format-template.ts";
import { humanSize } from "../../base/human-size.ts";
import { humanAgo, humanTime } from "../../base/human-time.ts";
import { shortId } from "../../base/object-id.ts";
import { imageFilter } from "../../image/image-filter.ts";
import { type ListedImage, listImages } from "../../image/list-images.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const IMAGE_HEADERS = {
  Repository: "REPOSITORY",
  Tag: "TAG",
  Digest: "DIGEST",
  ID: "IMAGE ID",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  Size: "SIZE",
};

export const act: EngineAct<"images"> = ({ flags, args }, at) => {
  const { images, bad } = listImages(enginePathsOf(at));
  for (const error of bad) at.warn(error.message);
  const filters = args[0] === undefined ? flags.filter : [...flags.filter, `reference=${args[0]}`];
  const shown = images.filter(imageFilter(filters, images));
  if (flags.quiet) {
    const ids = new Set(shown.map(({ id }) => (flags["no-trunc"] ? id : shortId(id))));
    return at.print([...ids].map((id) => `${id}\n`).join(""));
  }
  const digest = flags.digests ? "{{.Digest}}\t" : "";
  const usual = `{{.Repository}}\t{{.Tag}}\t${digest}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`;
  const rows = shown.map((image) => imageRow(image, flags["no-trunc"] === true));
  at.print(formatList(rows, { format: flags.format, usual, headers: IMAGE_HEADERS }));
};

/** An image's line, by docker's names of its columns. */
export function imageRow({ id, repository, tag, digest, config, sizeBytes }: ListedImage, isWhole: boolean): ListRow {
  const Size = humanSize(sizeBytes);
  return {
    Containers: "N/A",
    CreatedAt: humanTime(config.created),
    CreatedSince: humanAgo(config.created, Date.now()),
    Digest: digest,
    ID: isWhole ? id : shortId(id),
    Repository: repository ?? "<none>",
    SharedSize: "N/A",
    Size,
    Tag: tag ?? "<none>",
    UniqueSize: "N/A",
    VirtualSize: Size,
  };
}
